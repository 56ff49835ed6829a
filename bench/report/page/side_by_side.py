"""The page's table of settings side by side on each instance, for any of several columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bench.comparison.compare import Prepared
from bench.comparison.options import MEASURES, Options
from bench.comparison.side_by_side import (
    FoldedResults,
    InstanceRow,
    ShownColumn,
    SideBySide,
    shown_column,
    side_by_side,
)
from bench.report.instance_table import (
    caption,
    label_of,
    ratio_text,
    spread_text,
    tendency,
    value_text,
)
from bench.report.page.cells import MISSING, STYLE

ROOM = 60_000
"""The total number of cells of all columns; the first column is always included."""
OTHERS = (
    *("peak_mib", "primal_bound", "dual_bound", "gap", "primal_integral", "primal_dual_integral"),
    *("status", "verdict"),
)
"""The columns to choose from besides the measures."""
FAR = 1.0
"""From this relative difference on, a ratio has a stronger colour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The content of a cell: value, spread and ratio, its colour, and its sort key.

    ``rows`` are the positions of its results among all.
    """

    value: str
    spread: str
    ratio: str
    colour: str
    number: float | None
    factor: float | None
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnCells:
    """A column of results as a table: for each instance a cell for each setting.

    ``differs``: whether a setting differs from the baseline on the instance.
    """

    label: str
    caption: str
    of_words: bool
    cells: tuple[tuple[Cell, ...], ...]
    differs: tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBySideRows:
    """The instances, sorted by the worst setting, with all columns to choose from."""

    settings: tuple[str, ...]
    instances: tuple[str, ...]
    bad: tuple[bool, ...]
    solved_by_one: tuple[bool, ...]
    columns: tuple[ColumnCells, ...]

    @property
    def tree(self) -> dict[str, Any]:
        """All data for the page's script, as JSON."""
        return {
            "instances": self.instances,
            "bad": self.bad,
            "one": self.solved_by_one,
            "rows": [[cell.rows for cell in cells] for cells in self.columns[0].cells],
            "columns": [
                {
                    "caption": column.caption,
                    "words": column.of_words,
                    "differs": column.differs,
                    "cells": [[_short(cell) for cell in cells] for cells in column.cells],
                }
                for column in self.columns
            ],
        }


def side_by_side_rows(
    table: pd.DataFrame, ready: Prepared, options: Options, room: int = ROOM
) -> SideBySideRows:
    """Return the settings of a comparison on each instance; positions refer to ``table``."""
    columns = _columns(table, options)
    first = side_by_side(table, ready, options, next(columns))
    order = [row.number for row in first.rows]
    n_cells = max(1, len(order) * len(first.settings))
    shown = [first]
    for column in columns:
        if (len(shown) + 1) * n_cells > room:
            break
        shown.append(side_by_side(table, ready, options, column))
    return SideBySideRows(
        settings=first.settings,
        instances=tuple(row.instance for row in first.rows),
        bad=tuple(row.bad for row in first.rows),
        solved_by_one=tuple(row.solved_by_one for row in first.rows),
        columns=tuple(_column_cells(each, order, options) for each in shown),
    )


def _columns(table: pd.DataFrame, options: Options) -> Iterator[ShownColumn]:
    """Yield the columns with known values, the measure of the comparison first."""
    yield shown_column(table, options.measure)
    names = [(measure.name, measure.column) for measure in MEASURES.values()]
    for name, column in (*names, *((each, each) for each in OTHERS)):
        if name != options.measure and column in table and table[column].notna().any():
            yield shown_column(table, name)


def _column_cells(content: SideBySide, order: Sequence[int], options: Options) -> ColumnCells:
    by_number = {row.number: row for row in content.rows}
    rows = [by_number[number] for number in order]
    return ColumnCells(
        label=label_of(content.column),
        caption=caption(content, options),
        of_words=content.of_words,
        cells=tuple(_cells(row, content) for row in rows),
        differs=tuple(row.differs for row in rows),
    )


def _cells(row: InstanceRow, content: SideBySide) -> tuple[Cell, ...]:
    return tuple(
        Cell(
            value=value_text(cell, STYLE),
            spread=_unless_missing(spread_text(cell, STYLE)),
            ratio=_unless_missing(ratio_text(cell, STYLE)),
            colour=_colour(cell, content),
            number=cell.value if cell else None,
            factor=cell.ratio if cell else None,
            rows=cell.rows if cell else (),
        )
        for cell in row.cells
    )


def _unless_missing(text: str) -> str:
    return "" if text == MISSING else text


def _colour(cell: FoldedResults | None, content: SideBySide) -> str:
    """Return the class of a ratio: better or worse, and whether strongly."""
    kind = tendency(cell, content.column)
    ratio = (cell.ratio if cell else None) or 1.0
    return f"{kind} far" if kind and max(ratio, 1 / ratio) > 1 + FAR else kind


def _short(cell: Cell) -> list[Any]:
    """Return a cell for the script, without empty parts at its end."""
    parts: list[Any] = [cell.value, cell.spread, cell.ratio, cell.colour]
    parts += [_rounded(cell.number), _rounded(cell.factor)]
    while parts and parts[-1] in ("", None):
        parts.pop()
    return parts


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.5g}")
