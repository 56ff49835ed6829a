"""One reader's problem, laid out so that it can be compared with another's."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.model.linear_program import Column, LinearProgram

SMALLEST = 1e-9
"""Readers drop matrix entries up to this magnitude."""

_INTEGRALITY = 1e-6


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """A column; bounds of an integral one are rounded inwards, as some readers do."""

    bounds: tuple[float, float]
    objective: float
    integral: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A program with its columns and rows by name and its entries by column.

    ``rows`` tells the position of a row by its name and by how many of that name stand before it.
    ``entries`` has one mapping a row, entries of one column added up and zeros left out.
    """

    program: LinearProgram
    columns: Mapping[str, ReadColumn]
    rows: Mapping[tuple[str, int], int]
    entries: Sequence[Mapping[str, float]]

    @classmethod
    def of(cls, program: LinearProgram) -> Reading:
        """Lay out a program."""
        names = [column.name for column in program.columns]
        entries = []
        for row in program.rows:
            sums: dict[str, float] = {}
            for index, coefficient in zip(row.indices, row.coefficients, strict=True):
                sums[names[index]] = sums.get(names[index], 0.0) + coefficient
            # NaN is not small
            entries.append({name: a for name, a in sums.items() if not abs(a) <= SMALLEST})
        columns = {
            one.name: ReadColumn(_bounds(one), one.objective, one.integral)
            for one in program.columns
        }
        return cls(program, columns, _positions(row.name for row in program.rows), entries)

    def sum_of_objective(self) -> float:
        """Return the sum of the objective coefficients."""
        return _sum(column.objective for column in self.program.columns)

    def sum_of_entries(self) -> float:
        """Return the sum of the matrix entries."""
        return _sum(value for entries in self.entries for value in entries.values())

    def sum_of_sides(self) -> float:
        """Return the sum of the finite sides of the rows."""
        return _sum(side for row in self.program.rows for side in (row.lhs, row.rhs))

    def sum_of_bounds(self) -> float:
        """Return the sum of the finite bounds of the columns."""
        return _sum(bound for column in self.columns.values() for bound in column.bounds)


def _positions(names: Iterable[str]) -> dict[tuple[str, int], int]:
    positions: dict[tuple[str, int], int] = {}
    seen: dict[str, int] = {}
    for at, name in enumerate(names):
        n_before = seen.get(name, 0)
        positions[name, n_before] = at
        seen[name] = n_before + 1
    return positions


def _sum(numbers: Iterable[float]) -> float:
    """Return the exactly rounded sum of the finite numbers, or NaN where one is NaN."""
    return math.fsum(number for number in numbers if not math.isinf(number))


def _bounds(column: Column) -> tuple[float, float]:
    lower, upper = column.lower, column.upper
    if column.integral and math.isfinite(lower):
        lower = float(math.ceil(lower - _INTEGRALITY))
    if column.integral and math.isfinite(upper):
        upper = float(math.floor(upper + _INTEGRALITY))
    return lower, upper
