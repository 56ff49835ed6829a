"""Stock SCIP stays stock under the knobs that say so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Bench = Callable[..., Any]


def effort(bench: Bench, root: Any, *options: str) -> dict[str, tuple[int, int]]:
    """Return nodes and LP iterations of every quick instance."""
    quick = root / "instances" / "quick.test"
    results = bench("run", quick, *options, "--jobs", "2", "--json").json["results"]
    return {r["instance"]: (r["n_nodes"], r["n_lp_iterations"]) for r in results}


@pytest.mark.slow
def test_only_other_knobs_than_the_stock_ones_change_the_search(bench: Bench, root: Any) -> None:
    """(0.2, 0.5) gives the same nodes and LP iterations, (0.15, 0.001) others."""
    stock = effort(bench, root)
    assert effort(bench, root, "--alpha", "0.2", "--l1-ratio", "0.5") == stock
    other = effort(bench, root, "--alpha", "0.15", "--l1-ratio", "0.001")
    assert sum(other[name] != stock[name] for name in stock) >= 6
