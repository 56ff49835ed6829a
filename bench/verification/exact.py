"""The exact check of a solution: bounds, integrality, rows and objective, in rational arithmetic.

Relative violations use the scales of MIPLIB 2017's solution checker (``model.cpp``), so that a
tolerance t here accepts the same solutions as the checker with t as its linear and integer
tolerance:

========== =====================================================================================
bound      ``max(1, |bound|, |value|)``
integrality 1: the distance to the nearest integer is absolute
row        ``max(1, positive, |side|)``, ``positive`` the sum of the row's positive terms
objective  ``max(1, positive, |negative|, |claim|)``, sums of the positive and negative terms
========== =====================================================================================

The checker also mentions the negative terms of a row, but does not use the absolute value of their
sum, so they never count. This is reproduced exactly: it is the stricter interpretation, by a factor
of at most about two.
"""

from __future__ import annotations

import difflib
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import compress
from operator import mul

from bench.errors import InstanceError, UsageError
from bench.model.instances.linear_program import LinearProgram, Row
from bench.model.results.verification import Level, Quantity, Verification, Violation
from bench.verification.arithmetic import Arithmetic, Floating, Rational, ratio

SHOWN = 3
ZERO = Fraction(0)


def match(
    program: LinearProgram, solution: Mapping[str, Fraction]
) -> tuple[list[Fraction], list[str]]:
    """Return the value of each column, and notes.

    A column without a value is 0, by the convention of solution files. Raise UsageError for names
    that the program does not have, InstanceError if two columns share one.
    """
    names = [column.name for column in program.columns]
    known = set(names)
    if len(known) < len(names):
        twice, _ = Counter(names).most_common(1)[0]
        raise InstanceError(f"two columns of the instance are named {twice!r}")
    if not solution.keys() <= known:
        unknown = [name for name in solution if name not in known]
        raise UsageError(_complaint(unknown, len(solution), known))
    n_missing = len(names) - len(solution)
    notes = []
    if n_missing:
        notes.append(
            f"{n_missing} of {len(names)} variables are not in the solution and count as 0"
        )
    return [solution.get(name, ZERO) for name in names], notes


def _complaint(unknown: list[str], n_named: int, known: set[str]) -> str:
    shown = ", ".join(map(repr, unknown[:SHOWN])) + (", ..." if len(unknown) > SHOWN else "")
    if 2 * len(unknown) > n_named:
        return (
            f"this seems to be the solution of another instance: {len(unknown)} of its {n_named} "
            f"variables are unknown ({shown})"
        )
    near = difflib.get_close_matches(unknown[0], known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    many = "a variable" if len(unknown) == 1 else f"{len(unknown)} variables"
    return f"the solution names {many} that the instance does not have: {shown}{hint}"


CAP = 2_000_000
"""The largest number of non-zeros, in columns that are not 0, for an exact check: 0.5 to 5 s."""
INFINITY = 1e20
"""Bounds and sides of at least this magnitude are infinite, as in both solvers."""
TOLERANCES = {level: float(level.value) for level in Level if level is not Level.NONE}
LARGE = 1e-4
"""An absolute violation above this is reported even if it is small for its row."""


@dataclass(slots=True)
class _Worst:
    """The worst violation so far, absolute and relative, which may be in different places."""

    quantity: Quantity
    absolute: float = 0.0
    relative: float = 0.0
    where: str = ""
    where_absolute: str = ""

    def add(self, name: str, excess: float, one: float, scale: float) -> None:
        absolute, relative = ratio(excess, one), ratio(excess, scale)
        if absolute > self.absolute:
            self.absolute, self.where_absolute = absolute, name
        if relative > self.relative:
            self.relative, self.where = relative, name

    def violation(self) -> Violation:
        elsewhere = self.where_absolute if self.where_absolute != self.where else ""
        return Violation(self.quantity, self.absolute, self.relative, self.where, elsewhere)


def check(
    program: LinearProgram,
    solution: Mapping[str, Fraction],
    claimed_objective: float | None = None,
    *,
    reader: str = "",
    cap: int = CAP,
) -> Verification:
    """Return the violations of the program by the solution, and the tightest feasible level.

    A column that the solution does not name is 0. Raise UsageError if the solution names columns
    that the program does not have. ``reader`` is passed through; the caller decides whether it is
    independent of the solver. Without a finite claim, the objective is computed and not compared. A
    program with more than rows and columns is not checked.
    """
    amiss = _amiss(program)
    if amiss is not None:
        return Verification(level=Level.NONE, reader=reader, skipped=amiss)
    values, notes = match(program, solution)
    arithmetic: Arithmetic = Rational(values)
    if program.n_nonzeros > cap and _n_touched(program, values) > cap:
        arithmetic = Floating(values)
        notes.append(f"in double precision: more than {cap} non-zeros")
    if claimed_objective is None or not math.isfinite(claimed_objective):
        notes.append("no objective value was claimed")
        claimed_objective = None
    found = [_bounds(program, arithmetic), _integrality(program, arithmetic)]
    found.append(_rows(program, arithmetic))
    objective, off = _objective(program, arithmetic, claimed_objective)
    violations = tuple(one.violation() for one in [*found, *off])
    return Verification(
        level=reached(violations),
        violations=violations,
        objective=objective,
        reader=reader,
        exact=arithmetic.exact,
        notes=(*notes, *_large(violations)),
    )


def reached(violations: tuple[Violation, ...]) -> Level:
    """Return the tightest level at which no relative violation is above the tolerance."""
    worst = max((violation.relative for violation in violations), default=0.0)
    return next((level for level, most in TOLERANCES.items() if worst <= most), Level.NONE)


def _amiss(program: LinearProgram) -> str | None:
    """Return why the rows and columns allow no conclusion, or None."""
    if program.beyond:
        return f"not a linear program: {', '.join(program.beyond)}"
    for row in program.rows:
        if not all(map(math.isfinite, row.coefficients)) or _any_nan(row.lhs, row.rhs):
            return f"row {row.name} has a number that is not finite"
    for column in program.columns:
        if not math.isfinite(column.objective) or _any_nan(column.lower, column.upper):
            return f"column {column.name} has a number that is not finite"
    return None


def _any_nan(*numbers: float) -> bool:
    return any(map(math.isnan, numbers))


def _n_touched(program: LinearProgram, values: list[Fraction]) -> int:
    used = list(map(bool, values))
    return sum(sum(map(used.__getitem__, row.indices)) for row in program.rows)


def _bounds(program: LinearProgram, arithmetic: Arithmetic) -> _Worst:
    worst = _Worst(Quantity.BOUND)
    for column, value in zip(program.columns, arithmetic.values, strict=True):
        if not value and column.lower <= 0 <= column.upper:
            continue
        (lower, upper), factor = arithmetic.scaled(_clamped(column.lower, column.upper))
        one, held = factor * arithmetic.unit, factor * value
        for excess, side in _excesses(
            held, lower * arithmetic.unit, upper * arithmetic.unit, column.lower, column.upper
        ):
            worst.add(column.name, excess, one, max(one, abs(side), abs(held)))
    return worst


def _integrality(program: LinearProgram, arithmetic: Arithmetic) -> _Worst:
    worst = _Worst(Quantity.INTEGRALITY)
    unit = arithmetic.unit
    for column, value in zip(program.columns, arithmetic.values, strict=True):
        if value and column.integral:
            rest = value % unit
            if rest:
                worst.add(column.name, min(rest, unit - rest), unit, unit)
    return worst


def _rows(program: LinearProgram, arithmetic: Arithmetic) -> _Worst:
    worst = _Worst(Quantity.ROW)
    for row in program.rows:
        products, sides, factor = _terms(row, arithmetic)
        one = factor * arithmetic.unit
        activity = arithmetic.total(products)
        for excess, side in _excesses(activity, *sides, row.lhs, row.rhs):
            positive = arithmetic.total(term for term in products if term > 0)
            worst.add(row.name, excess, one, max(one, positive, abs(side)))
    return worst


def _terms(row: Row, arithmetic: Arithmetic) -> tuple[list[float], tuple[float, float], float]:
    """Return the nonzero products and both sides, with their common factor."""
    values = list(map(arithmetic.values.__getitem__, row.indices))
    used = compress(row.coefficients, values)
    scaled, factor = arithmetic.scaled([*_clamped(row.lhs, row.rhs), *used])
    lhs, rhs, *coefficients = scaled
    products = list(map(mul, coefficients, filter(None, values)))
    return products, (lhs * arithmetic.unit, rhs * arithmetic.unit), factor


def _objective(
    program: LinearProgram, arithmetic: Arithmetic, claim: float | None
) -> tuple[float, list[_Worst]]:
    """Return the objective value, and the distance of the claim (nothing without a claim)."""
    values = [value for value in arithmetic.values if value]
    used = compress((column.objective for column in program.columns), arithmetic.values)
    scaled, factor = arithmetic.scaled([claim or 0.0, program.objective_offset, *used])
    claimed, *coefficients = scaled
    products = list(map(mul, coefficients, [arithmetic.unit, *values]))
    one = factor * arithmetic.unit
    value = arithmetic.total(products)
    if claim is None:
        return ratio(value, one), []
    positive = arithmetic.total(term for term in products if term > 0)
    negative = arithmetic.total(-term for term in products if term < 0)
    claimed *= arithmetic.unit
    worst = _Worst(Quantity.OBJECTIVE)
    scale = max(one, positive, negative, abs(claimed))
    worst.add("", abs(value - claimed), one, scale)
    return ratio(value, one), [worst]


def _clamped(lower: float, upper: float) -> tuple[float, float]:
    """Return both sides as finite numbers; the caller asks the sides which is infinite."""
    return max(min(lower, INFINITY), -INFINITY), max(min(upper, INFINITY), -INFINITY)


def _excesses(
    value: float, least: float, most: float, lower: float, upper: float
) -> Iterator[tuple[float, float]]:
    """Yield how far the value is outside, with the side; ``lower`` and ``upper`` unscaled."""
    if value < least and lower > -INFINITY:
        yield least - value, least
    if value > most and upper < INFINITY:
        yield value - most, most


def _large(violations: tuple[Violation, ...]) -> Iterator[str]:
    """Report violations that are small for their place, but large in themselves."""
    for violation in violations:
        if violation.absolute > LARGE and violation.relative <= LARGE:
            where = violation.where_absolute or violation.where
            name = f"{violation.quantity} {where}".strip()
            yield (
                f"{name} is off by {violation.absolute:.3g}; "
                f"relative to its size at most {violation.relative:.1e}"
            )
