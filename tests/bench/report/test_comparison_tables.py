"""The tables of a comparison, which terminal and page both show."""

from __future__ import annotations

from collections.abc import Callable

from bench.comparison.compare import compare
from bench.comparison.sources import RecordedResults
from bench.report.comparison_tables import MORE, subset_rows
from bench.report.page.cells import STYLE
from bench.report.tables import PLAIN, Style, grid

Make = Callable[..., RecordedResults]


def test_all_show_the_same_rows_and_only_the_header_is_spelled_out(make: Make) -> None:
    """Labels where there is room, short names where there is none."""
    table = compare(make(["default", "cuts"]).table).tables[0]
    short, long = grid(MORE, table.rows), grid(MORE, table.rows, labels=True)
    assert short.rows == long.rows
    assert (short.header[-1], long.header[-1]) == ("p", "p (McNemar)")


def test_columns_that_say_nothing_are_left_out(make: Make) -> None:
    """Nobody was compared with seeds of one setting only, and there are no traces of integrals."""
    table = compare(make(["default", "cuts"], seeds=1).table).tables[0]
    full, kept = (grid(MORE, table.rows), grid(MORE, table.rows).without_empty(PLAIN.missing))
    assert {"CV", "max/min"} <= set(full.header) - set(kept.header)
    assert all(len(row) == len(kept.header) for row in kept.rows)


def test_a_style_writes_numbers_and_what_is_missing() -> None:
    """The page has more room for whole numbers than the terminal."""
    assert (PLAIN.number(123456.0), STYLE.number(123456.0)) == ("1.235e+05", "123456")
    assert Style("?", PLAIN.digits).number(None) == "?"


def test_ratios_by_subset_have_a_row_for_each_setting_but_the_baseline(make: Make) -> None:
    """A column for each subset."""
    comparison = compare(make(["default", "cuts"]).table)
    ((name, *ratios),) = subset_rows(comparison)
    assert name != comparison.baseline
    assert len(ratios) == len(comparison.tables)
