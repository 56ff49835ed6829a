"""Builds a linear model column by column and row by row, as a formulation is written on paper."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bench.instances.generators.linear_model import Column, LinearModel, Number, Row, Term


@dataclass(slots=True)
class ModelBuilder:
    """Collects columns and rows in the order of a formulation; `build` freezes them."""

    name: str
    maximise: bool = False
    _columns: list[Column] = field(default_factory=list)
    _rows: list[Row] = field(default_factory=list)

    def continuous(
        self, name: str, objective: Number, lower: Number | None = 0, upper: Number | None = None
    ) -> int:
        """Add a real column and return its index."""
        self._columns.append(Column(name, objective, lower, upper, is_integral=False))
        return len(self._columns) - 1

    def integer(
        self, name: str, objective: Number, lower: int | None = 0, upper: int | None = None
    ) -> int:
        """Add an integer column and return its index."""
        self._columns.append(Column(name, objective, lower, upper, is_integral=True))
        return len(self._columns) - 1

    def binary(self, name: str, objective: Number) -> int:
        """Add a column with the values 0 and 1 and return its index."""
        return self.integer(name, objective, 0, 1)

    def row(
        self, name: str, terms: Iterable[Term], lower: Number | None, upper: Number | None
    ) -> None:
        """Add a row with two sides; terms of one column are summed and zeros left out.

        Raises ValueError if both sides are infinite.
        """
        if lower is None and upper is None:
            raise ValueError(f"row {name} has no side")
        sums: dict[int, Number] = {}
        for coefficient, column in terms:
            sums[column] = sums.get(column, 0) + coefficient
        merged = tuple((value, column) for column, value in sums.items() if value != 0)
        self._rows.append(Row(name, merged, lower, upper))

    def at_least(self, name: str, terms: Iterable[Term], side: Number) -> None:
        """Add the row terms >= side."""
        self.row(name, terms, side, None)

    def at_most(self, name: str, terms: Iterable[Term], side: Number) -> None:
        """Add the row terms <= side."""
        self.row(name, terms, None, side)

    def equal(self, name: str, terms: Iterable[Term], side: Number) -> None:
        """Add the row terms = side."""
        self.row(name, terms, side, side)

    def build(self) -> LinearModel:
        """Return the finished model."""
        return LinearModel(self.name, tuple(self._columns), tuple(self._rows), self.maximise)


def ones(columns: Iterable[int]) -> list[Term]:
    """Return the plain sum of the columns as terms."""
    return [(1, column) for column in columns]
