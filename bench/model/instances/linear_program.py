"""A linear program: an instance as a reader understood it, in plain numbers."""

from __future__ import annotations

from dataclasses import dataclass

from bench.model.instances.problem import Sense


@dataclass(frozen=True, slots=True)
class Column:
    """A variable with bounds (infinite ones as ``inf``), objective coefficient and integrality."""

    name: str
    lower: float
    upper: float
    objective: float
    integral: bool


@dataclass(frozen=True, slots=True)
class Row:
    """``lhs <= sum of coefficients x columns (by index) <= rhs``; infinite sides as ``inf``."""

    name: str
    indices: tuple[int, ...]
    coefficients: tuple[float, ...]
    lhs: float
    rhs: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearProgram:
    """The problem that a reader read from a file.

    ``beyond`` names other parts of the problem (quadratic terms, indicators, SOS, semi-continuous
    columns, ...); unless it is empty, rows and columns are not the whole problem.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    sense: Sense
    objective_offset: float = 0.0
    beyond: tuple[str, ...] = ()

    @property
    def n_nonzeros(self) -> int:
        """The number of coefficients of all rows."""
        return sum(len(row.coefficients) for row in self.rows)
