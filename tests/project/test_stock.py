"""Stock SCIP stays stock under the knobs that say so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("without_mlflow")

Bench = Callable[..., Any]


QUICK = ("quick.test",)
FEW = ("auction-50x200.mps.gz", "cfl-10x20.mps.gz", "mcflow-40x200.mps.gz", "mkp-5x40.lp")


def effort(
    bench: Bench, root: Any, instances: Sequence[str], *options: str
) -> dict[str, tuple[int, int]]:
    """Return nodes and LP iterations of each instance."""
    files = [root / "instances" / name for name in instances]
    results = bench("run", *files, *options, "--jobs", "2", "--json").json["results"]
    return {r["instance"]: (r["n_nodes"], r["n_lp_iterations"]) for r in results}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("instances", "n_different"),
    [pytest.param(FEW, 3, id="few"), pytest.param(QUICK, 6, id="quick", marks=pytest.mark.soak)],
)
def test_only_other_knobs_than_the_stock_ones_change_the_search(
    bench: Bench, root: Any, instances: Sequence[str], n_different: int
) -> None:
    """(0.2, 0.5) gives the same nodes and LP iterations, (0.15, 0.001) others."""
    stock = effort(bench, root, instances)
    assert effort(bench, root, instances, "--alpha", "0.2", "--l1-ratio", "0.5") == stock
    other = effort(bench, root, instances, "--alpha", "0.15", "--l1-ratio", "0.001")
    assert sum(other[name] != stock[name] for name in stock) >= n_different
