"""Best known values of instances, from results."""

from __future__ import annotations

from typing import Any

import pytest

from bench.comparison.best_known import best_known
from bench.model.instances.reference import Known, Reference


def row(
    verdict: str, status: str | None, primal: float | None = None, dual: float | None = None
) -> dict[str, Any]:
    """Return the columns of a result that matter."""
    bounds = {"primal_bound": primal, "dual_bound": dual}
    return {"instance": "x", "verdict": verdict, "status": status, **bounds}


@pytest.mark.parametrize(
    ("rows", "reference"),
    [
        ([row("solved", "optimal", 3, 3)], Reference(Known.OPTIMAL, 3)),
        ([row("solved", "infeasible")], Reference(Known.INFEASIBLE)),
        ([row("solved_unconfirmed", "unbounded")], Reference(Known.UNBOUNDED)),
        (
            [row("wrong", "optimal", 1, 1), row("limit", "timelimit", 5, 2)],
            Reference(Known.BEST, 5, 2),
        ),
        (
            [row("limit", "timelimit", 5, 9), row("limit", "timelimit", 6, 8)],
            Reference(Known.BEST, 6, 8),
        ),
        ([row("limit", "timelimit", None, 2)], Reference(Known.BEST_DUAL, None, 2)),
        ([row("crashed", None)], Reference(Known.UNKNOWN)),
    ],
)
def test_what_is_solved_is_known_and_else_the_best_bounds(
    rows: list[dict[str, Any]], reference: Reference
) -> None:
    """Nothing is learned from wrong and failed results."""
    assert best_known(rows) == ({"x": reference}, [])


@pytest.mark.parametrize(
    "rows",
    [
        [row("solved", "optimal", 3, 3), row("solved", "optimal", 3.1, 3.1)],
        [row("solved", "optimal", 3, 3), row("solved_unconfirmed", "infeasible")],
    ],
)
def test_results_that_contradict_each_other_are_named(rows: list[dict[str, Any]]) -> None:
    """One of them is wrong, and nobody knows which."""
    found, problems = best_known(rows)
    assert not found
    assert problems == ["x: its solved results contradict each other; left out"]
