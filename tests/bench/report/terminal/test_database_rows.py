"""Rows as table, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

import pytest

from bench.report.terminal.database_rows import RowsFormat, lines

NAMES = ("x", "y", "x")
ROWS = [(1, None, 'a "b",\nc'), (0.1234567, b"\x00\xff", float("nan"))]


def text(form: RowsFormat) -> str:
    """Return the whole text of the rows."""
    return "".join(lines(NAMES, ROWS, form))


def test_json_keeps_every_column_and_every_digit() -> None:
    """Two columns of one name stay two; what JSON has no word for is text."""
    assert json.loads(text(RowsFormat.JSON)) == [
        {"x": 1, "y": None, "x_2": 'a "b",\nc'},
        {"x": 0.1234567, "y": "00ff", "x_2": "nan"},
    ]


def test_csv_can_be_read_back() -> None:
    """Quoted where it must be; nothing is an empty cell."""
    assert list(csv.reader(io.StringIO(text(RowsFormat.CSV)))) == [
        ["x", "y", "x"],
        ["1", "", 'a "b",\nc'],
        ["0.1234567", "00ff", "nan"],
    ]


def test_a_table_has_one_line_a_row_whatever_is_in_a_cell() -> None:
    """Long and unprintable text is cut short and flattened, numbers are rounded."""
    rows = [(1, "a\nb\x1b[31m" + "c" * 500)]
    shown = "".join(lines(("n", "text"), [*rows, (0.1234567, None)], RowsFormat.TABLE)).splitlines()
    assert len(shown) == 4
    assert max(map(len, shown)) < 80
    assert "\x1b" not in shown[2]
    assert shown[3].split() == ["0.123457", "-"]


def test_csv_moves_no_cursor_and_computes_nothing() -> None:
    """The lines of a text stay lines; a number stays a number."""
    rows = [("=1+1", "a\nb\x1b[31m", -1.5)]
    written = "".join(lines(("a", "b", "c"), rows, RowsFormat.CSV))
    assert written == 'a,b,c\n\'=1+1,"a\nb\\x1b[31m",-1.5\n'


@pytest.mark.parametrize("form", RowsFormat)
def test_a_field_of_json_is_json_as_where_the_database_keeps_it_as_text(form: RowsFormat) -> None:
    """PostgreSQL's driver hands it over parsed, and an array as a list."""
    parsed, kept = [({"ä": [1, None]}, [1, 2])], [('{"ä": [1, null]}', "[1, 2]")]
    assert list(lines(("a", "b"), parsed, form)) == list(lines(("a", "b"), kept, form))


@pytest.mark.parametrize("form", RowsFormat)
def test_no_rows_are_still_a_whole_document(form: RowsFormat) -> None:
    """A header, or an empty list."""
    shown = "".join(lines(NAMES, [], form))
    assert json.loads(shown) == [] if form is RowsFormat.JSON else shown.startswith("x")


@pytest.mark.parametrize("form", [RowsFormat.CSV, RowsFormat.JSON])
def test_csv_and_json_flow(form: RowsFormat) -> None:
    """The first row is written before the second is fetched."""
    fetched: list[int] = []

    def rows() -> Iterator[tuple[int]]:
        for number in range(3):
            fetched.append(number)
            yield (number,)

    next(lines(("n",), rows(), form))
    assert fetched == [0]
