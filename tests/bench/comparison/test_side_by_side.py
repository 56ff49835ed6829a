"""Settings side by side on each instance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest

from bench.comparison.compare import prepare
from bench.comparison.options import Options
from bench.comparison.side_by_side import FILTERS, SideBySide, shown_column, side_by_side
from bench.errors import UsageError

OPTIONS = Options(baseline="base", n_resamples=100, subsets=("all",))


def result(
    setting: str, instance: str, time: float | None, seed: int = 0, **columns: Any
) -> dict[str, Any]:
    """Return the row of a solved result."""
    solved = {"verdict": "solved", "termination": "normal", "time_limit_s": 60.0}
    own = {"setting": setting, "instance": instance, "seed": seed, "solve_time_s": time}
    return own | solved | columns


def limit(setting: str, instance: str, seed: int = 0) -> dict[str, Any]:
    """Return the row of a result at the time limit."""
    return result(setting, instance, 59.9, seed, verdict="limit", termination="time")


def beside(
    rows: Sequence[dict[str, Any]], column: str = "solve", options: Options = OPTIONS
) -> SideBySide:
    """Return the table of a column."""
    frame = pd.DataFrame(rows)
    return side_by_side(frame, prepare(frame, options), options, shown_column(frame, column))


EVERYWHERE = [result("base", "x", 4.0), result("new", "x", 4.0)]
"""A pair that both settings have."""


def test_seeds_are_folded_to_the_mean_of_the_comparison() -> None:
    """Shifted and clipped like the headline's, with the smallest and largest value."""
    rows = [result("base", "p", time, seed) for seed, time in enumerate((1.0, 7.0))]
    rows += [result("new", "p", time, seed) for seed, time in enumerate((0.1, 3.0))]
    base, new = beside(rows).rows[0].cells
    assert base
    assert new
    assert base.value == pytest.approx(((1 + 1) * (7 + 1)) ** 0.5 - 1)
    assert (new.low, new.high) == (0.5, 3.0)
    assert new.value == pytest.approx((1.5 * 4) ** 0.5 - 1)
    assert new.ratio == pytest.approx((6**0.5 - 1) / 3)
    assert new.n == new.solved == 2


def test_the_ratio_is_on_seeds_that_both_have() -> None:
    """A seed of one setting alone would make it the ratio of other tasks."""
    rows = [result("base", "p", 2.0), result("new", "p", 4.0), result("new", "p", 50.0, seed=1)]
    cell = beside(rows).rows[0].cells[1]
    assert cell
    assert cell.ratio == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("base", "new", "ratio", "bound"),
    [
        (result("base", "p", 10.0), limit("new", "p"), 6.0, "at least"),
        (limit("base", "p"), result("new", "p", 6.0), 0.1, "at most"),
        (limit("base", "p"), limit("new", "p"), None, ""),
    ],
)
def test_a_limit_makes_a_bound_of_a_ratio(
    base: dict[str, Any], new: dict[str, Any], ratio: float | None, bound: str
) -> None:
    """What both did not solve tells nothing."""
    cell = next(row for row in beside([base, new]).rows if row.instance == "p").cells[1]
    assert cell
    assert cell.ratio == (None if ratio is None else pytest.approx(ratio))
    assert cell.bound == bound


def test_what_is_wrong_has_no_mean_and_comes_first() -> None:
    """Counted; whatever the ratios of other instances are."""
    rows = [*EVERYWHERE, result("base", "z", 1.0), result("new", "z", 1.0, verdict="wrong")]
    rows += [result("base", "a", 1.0), result("new", "a", 50.0)]
    found = beside(rows)
    assert [row.instance for row in found.rows] == ["z", "a", "x"]
    cell = found.rows[0].cells[1]
    assert cell
    assert (cell.wrong, cell.value, cell.ratio) == (1, None, None)


def test_an_instance_of_one_setting_is_there() -> None:
    """Though it is in no comparison."""
    rows = beside([*EVERYWHERE, result("new", "only", 1.0)]).rows
    assert {row.instance: row.cells[0] is None for row in rows} == {"only": True, "x": False}


def test_filters_choose_instances() -> None:
    """Different by more than a tenth, failing, solved by one setting."""
    rows = [*EVERYWHERE, result("base", "slow", 10.0), result("new", "slow", 11.1)]
    rows += [result("base", "near", 10.0), result("new", "near", 10.9)]
    rows += [result("base", "bad", 1.0, verdict="crashed"), result("new", "bad", 1.0)]
    rows += [limit("base", "hard"), result("new", "hard", 59.0), result("new", "untried", 1.0)]
    found = beside(rows).rows
    chosen = {
        name: {row.instance for row in found if is_in(row)} for name, is_in in FILTERS.items()
    }
    assert chosen == {"differ": {"slow"}, "failed": {"bad"}, "solved-by-one": {"bad", "hard"}}


@pytest.mark.parametrize(
    ("column", "values", "shown", "differs"),
    [
        ("n_nodes", (0, 0), 0.0, False),
        ("n_nodes", (0, 5), 5.0, True),
        ("peak_mib", (100.0, 130.0), 130.0, True),
        ("primal_bound", (-5.0, -5.0), -5.0, False),
        ("primal_bound", (-5.0, 5.0), 5.0, True),
        ("status", ("optimal", "optimal"), "optimal", False),
        ("status", ("optimal", "infeasible"), "infeasible", True),
        ("seen", (True, False), "False", True),
    ],
)
def test_any_column_can_be_shown(
    column: str, values: tuple[object, object], shown: Any, differs: bool
) -> None:
    """Counts, memory, bounds of either sign, words."""
    rows = [
        result(name, "p", 1.0) | {column: value}
        for name, value in zip(("base", "new"), values, strict=True)
    ]
    cell = beside(rows, column).rows[0].cells[1]
    assert cell
    assert (cell.words or cell.value) == (shown if isinstance(shown, str) else pytest.approx(shown))
    assert cell.differs is differs


def test_words_of_several_seeds_are_counted() -> None:
    """The most frequent first."""
    rows = [result("base", "p", 1.0, seed, status="optimal") for seed in range(3)]
    rows += [
        result("new", "p", 1.0, seed, status="timelimit" if seed else "optimal")
        for seed in range(3)
    ]
    assert [cell and cell.words for cell in beside(rows, "status").rows[0].cells] == [
        *("optimal", "2 timelimit, 1 optimal")
    ]


def test_a_column_that_is_not_there_is_refused_with_those_like_it() -> None:
    """A measure without values as well."""
    with pytest.raises(UsageError, match="no such column; known are n_nodes"):
        beside([result("base", "p", 1.0, n_nodes=1), result("new", "p", 1.0)], "n_node")
    for column in ("cpu", "gap_1_percent"):
        with pytest.raises(UsageError, match="the results have no"):
            beside([*EVERYWHERE], column)


def test_cells_lead_to_their_results() -> None:
    """By position in the table that was given, in any order."""
    rows = [*EVERYWHERE, result("new", "x", 5.0, seed=1, started_at=1.0)][::-1]
    cells = beside(rows).rows[0].cells
    assert [cell and sorted(cell.rows) for cell in cells] == [[2], [0, 1]]
