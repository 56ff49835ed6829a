"""Tables as data: columns with the cells of any row, for the terminal, the page and files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

RowT = TypeVar("RowT")

Cells = tuple[str, ...]
"""A row, ready to be shown."""


@dataclass(frozen=True, slots=True)
class Style:
    """How cells are written: what stands where nothing is known, and numbers in so many digits.

    ``percent`` stands behind a share.
    """

    missing: str
    digits: Callable[[float, int], str]
    percent: str = "%"

    def number(self, value: float | None, digits: int = 4) -> str:
        """Return a number, or what stands for none."""
        return self.missing if value is None else self.digits(value, digits)

    def fixed(self, value: float | None, decimals: int = 0) -> str:
        """Return a number with so many decimals, or what stands for none."""
        return self.missing if value is None else f"{value:.{decimals}f}"

    def share(self, value: float | None) -> str:
        """Return a share as percent, or what stands for none."""
        return self.missing if value is None else f"{100 * value:.2f}{self.percent}"

    def word(self, value: object) -> str:
        """Return a word, or what stands for none."""
        return self.missing if value is None or value == "" else str(value)


PLAIN = Style("-", lambda value, digits: f"{value:.{digits}g}")
"""As in the terminal."""


@dataclass(frozen=True, slots=True)
class Column(Generic[RowT]):
    """A column; ``label`` is its name where there is room for it."""

    name: str
    label: str
    cell: Callable[[RowT, Style], str]


@dataclass(frozen=True, slots=True)
class Grid:
    """A header and rows of as many cells."""

    header: Cells
    rows: tuple[Cells, ...]

    def without_empty(self, missing: str) -> Grid:
        """Leave out the columns in which no row says anything."""
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
    """Return these columns of the rows, with their labels or their short names above them."""
    return Grid(
        tuple(column.label if labels else column.name for column in columns),
        tuple(tuple(column.cell(row, style) for column in columns) for row in rows),
    )
