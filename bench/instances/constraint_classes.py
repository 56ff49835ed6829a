"""The MIPLIB 2017 classes of linear constraints, for rows as plain numbers.

The rules, their order and their tolerances are those of ``SCIPclassifyConstraintTypesLinear`` in
SCIP 10.0.2, with which they are compared in a test. Unlike older versions, and like MIPLIB, a
variable bound requires that one of the two columns is binary.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bench.model.instances.problem import CONSTRAINT_CLASSES

_EPSILON = 1e-9
_INFINITY = 1e20


class ColumnType(StrEnum):
    """The declared type of a column.

    In MPS files an integer column with bounds [0, 1] is binary; in LP files a general one is not.
    """

    BINARY = "binary"
    INTEGER = "integer"
    CONTINUOUS = "continuous"


@dataclass(frozen=True, slots=True)
class ColumnDomain:
    """Type and bounds of a column; magnitudes of 1e20 or more are infinite."""

    type: ColumnType
    lower: float
    upper: float

    @property
    def is_discrete(self) -> bool:
        """Whether only whole numbers are allowed."""
        return self.type is not ColumnType.CONTINUOUS

    @property
    def is_natural(self) -> bool:
        """Whether only 0, 1, 2, ... are allowed."""
        return self.is_discrete and self.lower > -1 + _EPSILON

    @property
    def is_zero_one(self) -> bool:
        """Whether only 0 and 1 are allowed, regardless of the declared type."""
        return self.is_natural and self.upper < 2 - _EPSILON


@dataclass(frozen=True, slots=True)
class ConstraintRow:
    """lhs <= sum of coefficients x columns (by index) <= rhs; 1e20 or more is infinite."""

    indices: Sequence[int]
    coefficients: Sequence[float]
    lhs: float
    rhs: float


Term = tuple[ColumnDomain, float]


def classify(rows: Iterable[ConstraintRow], columns: Sequence[ColumnDomain]) -> dict[str, int]:
    """Return the number of rows in each class, in the fixed order.

    A ranged row counts once for each side, possibly in two classes. Entries of the same column are
    added first, and zeros are removed.
    """
    counts = dict.fromkeys(CONSTRAINT_CLASSES, 0)
    for row in rows:
        for name in _classes(_terms(row, columns), _Sides.of(row)):
            counts[name] += 1
    return counts


@dataclass(frozen=True, slots=True)
class _Sides:
    lhs: float
    rhs: float

    @classmethod
    def of(cls, row: ConstraintRow) -> _Sides:
        lhs = -math.inf if row.lhs <= -_INFINITY else row.lhs
        rhs = math.inf if row.rhs >= _INFINITY else row.rhs
        return cls(lhs, rhs)

    @property
    def are_free(self) -> bool:
        return self.lhs == -math.inf and self.rhs == math.inf

    @property
    def are_equal(self) -> bool:
        return _equal(self.lhs, self.rhs)

    @property
    def number(self) -> int:
        is_ranged = not (self.are_equal or self.lhs == -math.inf or self.rhs == math.inf)
        return 2 if is_ranged else 1

    def without_rhs(self) -> _Sides:
        return replace(self, rhs=math.inf)

    def without_lhs(self) -> _Sides:
        return replace(self, lhs=-math.inf)


def _terms(row: ConstraintRow, columns: Sequence[ColumnDomain]) -> list[Term]:
    sums: dict[int, float] = {}
    for index, coefficient in zip(row.indices, row.coefficients, strict=True):
        sums[index] = sums.get(index, 0.0) + coefficient
    return [(columns[index], value) for index, value in sums.items() if abs(value) > _EPSILON]


def _classes(terms: Sequence[Term], sides: _Sides) -> list[str]:
    if not terms:
        return ["empty"]
    if sides.are_free:
        return ["free"]
    short = _short_class(terms, sides)
    if short is not None:
        return [short] * sides.number
    found: list[str] = []
    left: _Sides | None = sides
    for rule in (_counting, _knapsack, _integer_knapsack, _rest):
        if left is not None:
            names, left = rule(terms, left)
            found += names
    return found


def _short_class(terms: Sequence[Term], sides: _Sides) -> str | None:
    """Return the class of rows with one or two columns, if their length determines it."""
    match len(terms):
        case 1:
            return "singleton"
        case 2 if sides.are_equal:
            return "aggregation"
        case 2 if _is_precedence(*terms):
            return "precedence"
        case 2 if any(column.type is ColumnType.BINARY for column, _ in terms):
            return "varbound"
        case _:
            return None


Outcome = tuple[list[str], _Sides | None]
"""The classes found by a rule, and the sides that still have no class (None: neither)."""


def _counting(terms: Sequence[Term], sides: _Sides) -> Outcome:
    """Rows that count 0/1 columns: all coefficients are +a or -a (complemented columns)."""
    scale = abs(terms[0][1])
    if not all(column.is_zero_one and _equal(abs(a), scale) for column, a in terms):
        return [], sides
    n_negative = sum(a < 0 for _, a in terms)
    n_most, n_least = sides.rhs / scale + n_negative, sides.lhs / scale + n_negative
    if sides.are_equal and _equal(n_most, 1):
        return ["setpartition"], None
    if sides.are_equal and _is_natural(n_most):
        return ["cardinality"], None
    found = []
    if _is_natural(n_most):
        found.append("setpacking" if _equal(n_most, 1) else "invknapsack")
        sides = sides.without_rhs()
    if _equal(n_least, 1):
        found.append("setcovering")
        sides = sides.without_lhs()
    return found, None if sides.are_free else sides


def _knapsack(terms: Sequence[Term], sides: _Sides) -> Outcome:
    """Rows of 0/1 columns with integral coefficients, by their right-hand side."""
    if not all(column.is_zero_one and _is_integral(a) for column, a in terms):
        return [], sides
    capacity = sides.rhs - sum(a for _, a in terms if a < 0)
    if not _is_natural(capacity):
        return [], sides
    if sides.are_equal:
        return ["eqknapsack"], None
    is_bin = any(_equal(capacity, abs(a)) for _, a in terms)
    return ["binpacking" if is_bin else "knapsack"], _after_rhs(sides)


def _integer_knapsack(terms: Sequence[Term], sides: _Sides) -> Outcome:
    """Rows of non-negative discrete columns with natural coefficients and right-hand side."""
    is_knapsack = _is_natural(sides.rhs) and all(
        column.is_natural and _is_natural(a) for column, a in terms
    )
    return (["intknapsack"], _after_rhs(sides)) if is_knapsack else ([], sides)


def _rest(terms: Sequence[Term], sides: _Sides) -> Outcome:
    is_mixed = all(column.is_zero_one or not column.is_discrete for column, _ in terms)
    return ["mixedbinary" if is_mixed else "general"] * sides.number, None


def _after_rhs(sides: _Sides) -> _Sides | None:
    return None if sides.lhs == -math.inf else sides.without_rhs()


def _is_precedence(first: Term, second: Term) -> bool:
    return first[0].type is second[0].type and _equal(first[1], -second[1])


def _equal(first: float, second: float) -> bool:
    return first == second or abs(first - second) <= _EPSILON


def _is_integral(number: float) -> bool:
    return number - math.floor(number + _EPSILON) <= _EPSILON


def _is_natural(number: float) -> bool:
    return -_EPSILON <= number < _INFINITY and _is_integral(number)
