"""Rows of a database as an aligned table, CSV or JSON, one line at a time."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any

from bench.interop.csv_cells import guarded
from bench.model.printable import escaped
from bench.report.terminal.table import render, shortened

_DIGITS = 6
_WIDEST = 60


class RowsFormat(StrEnum):
    """The formats of rows."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def lines(names: Sequence[str], rows: Iterable[Sequence[Any]], form: RowsFormat) -> Iterator[str]:
    """Yield the lines with their ends; CSV and JSON keep at most one row in memory.

    Unprintable characters are Python escapes. JSON is a list of objects, in which a second column
    of the same name is ``name_2``. Bytes are hexadecimal; a JSON field, and any value without a
    JSON type, is a text.
    """
    writers = {RowsFormat.TABLE: _table, RowsFormat.CSV: _csv, RowsFormat.JSON: _json}
    return writers[form](names, rows)


def _table(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    cells = [[_shown(value) for value in row] for row in rows]
    yield render(names, cells, left=len(names)) + "\n"


def _csv(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _json(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    keys = _distinct(names)
    before = "["
    for row in rows:
        one = dict(zip(keys, map(_plain, row), strict=True))
        yield f"{before}\n  {json.dumps(one, allow_nan=False)}"
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


def _distinct(names: Sequence[str]) -> list[str]:
    taken: dict[str, int] = {}
    keys = []
    for name in names:
        taken[name] = taken.get(name, 0) + 1
        keys.append(name if taken[name] == 1 else f"{name}_{taken[name]}")
    return keys


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _cell(value: Any) -> Any:
    """Return a cell of CSV; a text is never a formula or a control sequence, but may have lines."""
    plain = _plain(value)
    return guarded(escaped(plain, keep="\n\t")) if isinstance(plain, str) else plain


def _shown(value: Any) -> str:
    """Return a cell of one line; a mark shows where the middle of a text is left out."""
    if value is None:
        return "-"
    plain = f"{value:.{_DIGITS}g}" if isinstance(value, float) else str(_plain(value))
    return shortened(escaped(plain), _WIDEST)
