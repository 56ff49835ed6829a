"""The columns of results, which terminal and page both show."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bench.comparison.sources import RecordedResults
from bench.journal.table import row
from bench.report.page.cells import STYLE
from bench.report.page.results import logs, result_rows
from bench.report.result_tables import FOUND
from bench.report.tables import grid

Make = Callable[..., RecordedResults]


def test_the_page_shows_what_the_terminal_does_and_more_before_it(make: Make) -> None:
    """From the rows of a table as from results; only the style differs."""
    recorded = make(["a"], instances=["p"], seeds=1)
    page = result_rows(recorded.table, logs([None]))
    shown = grid(FOUND, [row(result) for result in recorded.results], STYLE, labels=True)
    assert page.header[-len(FOUND) :] == shown.header
    assert page.rows[0][-len(FOUND) :] == shown.rows[0]


@pytest.mark.parametrize(("level", "cell"), [("none", "NO"), ("1e-6", "1e-6"), (None, "-")])
def test_a_solution_that_was_not_checked_is_not_taken_for_a_wrong_one(
    level: str | None, cell: str
) -> None:
    """A dash is not NO."""
    shown = grid(FOUND, [{"verification_level": level, "gap": 0.5, "n_nodes": 3.0}])
    assert shown.rows[0] == ("-", "-", "50.00%", "3", "-", "-", "-", cell, "-")
