"""Tables as data: columns with the cells of any row, for terminal, page and files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

RowT = TypeVar("RowT")

Cells = tuple[str, ...]
"""A row, ready for display."""


@dataclass(frozen=True, slots=True)
class Style:
    """The style of cells: the text for unknown values, and the number of digits.

    ``percent`` follows a share.
    """

    missing: str
    digits: Callable[[float, int], str]
    percent: str = "%"

    def number(self, value: float | None, digits: int = 4) -> str:
        """Return a number, or the text for an unknown value."""
        return self.missing if value is None else self.digits(value, digits)

    def fixed(self, value: float | None, decimals: int = 0) -> str:
        """Return a number with this many decimals, or the text for an unknown value."""
        return self.missing if value is None else f"{value:.{decimals}f}"

    def share(self, value: float | None) -> str:
        """Return a share as percent, or the text for an unknown value."""
        return self.missing if value is None else f"{100 * value:.2f}{self.percent}"

    def word(self, value: object) -> str:
        """Return a word, or the text for an unknown value."""
        return self.missing if value is None or value == "" else str(value)


PLAIN = Style("-", lambda value, digits: f"{value:.{digits}g}")
"""The style of the terminal."""


@dataclass(frozen=True, slots=True)
class Column(Generic[RowT]):
    """A column; ``label`` is its long name, if there is room."""

    name: str
    label: str
    cell: Callable[[RowT, Style], str]


@dataclass(frozen=True, slots=True)
class Grid:
    """A header, and rows with the same number of cells."""

    header: Cells
    rows: tuple[Cells, ...]

    def without_empty(self, missing: str) -> Grid:
        """Return the grid without columns that are empty in all rows."""
        columns = zip(self.header, *self.rows, strict=True)
        header, *rows = zip(*(each for each in columns if set(each[1:]) != {missing}), strict=True)
        return Grid(header, tuple(rows))


def grid(
    columns: Sequence[Column[RowT]],
    rows: Iterable[RowT],
    style: Style = PLAIN,
    *,
    labels: bool = False,
) -> Grid:
    """Return these columns of the rows, with their labels or their short names as header."""
    return Grid(
        tuple(column.label if labels else column.name for column in columns),
        tuple(tuple(column.cell(row, style) for column in columns) for row in rows),
    )


def in_latex(text: str) -> str:
    """Return the text with LaTeX's special characters escaped."""
    named = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return "".join(named.get(c, f"\\{c}" if c in "&%$#_{}" else c) for c in text)
