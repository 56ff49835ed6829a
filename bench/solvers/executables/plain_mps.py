"""Write an MPS file that all readers interpret alike, from another solver's reading of an instance.

It is in free format with names without blanks (``c0``, ``r0``, ...), has one entry per line and
column of a row (CBC and GLPK reject a second one), minimises, has no section OBJSENSE, and its
bounds are numbers except those of free columns. A constant of the objective is a column that is
fixed at 1, because some readers add the right-hand side of the objective row and others subtract
it. Bounds of integral columns are whole numbers (GLPK requires them). An upper bound below the
lower one becomes a row, because readers interpret it differently.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bench.errors import InstanceError
from bench.model.instances.linear_program import Column, LinearProgram, Row
from bench.model.instances.problem import Sense

CONSTANT = "constant"
"""The name of the column for the constant of the objective."""
_NEAR = 1e-9
"""A bound this near to a whole number is rounded to it, as in SCIP."""


@dataclass(frozen=True, slots=True)
class _PlainRow:
    """A row of the file: its kind (E, G, L), its side, and its range, if it has one."""

    name: str
    kind: str
    side: float
    row: Row
    range: float | None = None


def text(program: LinearProgram) -> Iterator[str]:
    """Yield the lines of the file; the objective of a maximisation is negated.

    Raise InstanceError if a side or bound is infinite on the wrong side, which no number can
    express.
    """
    sign = -1.0 if program.sense is Sense.MAXIMIZE else 1.0
    columns = [_rounded(column) for column in program.columns]
    rows = [each for index, row in enumerate(program.rows) for each in _rows(f"r{index}", row)]
    for index, column in enumerate(columns):
        if column.lower > column.upper:
            row = Row(column.name, (index,), (1.0,), -math.inf, column.upper)
            rows += _rows(f"b{index}", row)
    yield "NAME plain FREE\nROWS\n N obj\n"
    for each in rows:
        yield f" {each.kind} {each.name}\n"
    yield "COLUMNS\n"
    yield from _columns(program, rows, sign)
    yield "RHS\n"
    for each in rows:
        if each.side:
            yield f" rhs {each.name} {each.side!r}\n"
    ranges = [each for each in rows if each.range is not None]
    if ranges:
        yield "RANGES\n"
    for each in ranges:
        yield f" rng {each.name} {each.range!r}\n"
    yield "BOUNDS\n"
    for index, column in enumerate(columns):
        yield from _bounds(f"c{index}", column)
    if program.objective_offset:
        yield f" FX bnd {CONSTANT} 1\n"
    yield "ENDATA\n"


def _rows(name: str, row: Row) -> Iterator[_PlainRow]:
    """Yield an exactly equivalent row; nothing for one without sides."""
    _check(row.name, row.lhs, row.rhs)
    lhs, rhs = row.lhs, row.rhs
    width = rhs - lhs
    if width == 0:
        yield _PlainRow(name, "E", lhs, row)
    elif 0 < width < math.inf and lhs + width == rhs:
        yield _PlainRow(name, "G", lhs, row, width)
    elif 0 < width < math.inf and rhs - width == lhs:
        yield _PlainRow(name, "L", rhs, row, width)
    else:
        if lhs > -math.inf:
            yield _PlainRow(name, "G", lhs, row)
        if rhs < math.inf:
            yield _PlainRow(f"{name}u", "L", rhs, row)


def _rounded(column: Column) -> Column:
    """Return a column; if it is integral, with whole numbers as bounds."""
    if not column.integral:
        return column
    lower, upper = column.lower, column.upper
    return replace(
        column,
        lower=lower if math.isinf(lower) else float(math.ceil(lower - _NEAR * max(1, abs(lower)))),
        upper=upper if math.isinf(upper) else float(math.floor(upper + _NEAR * max(1, abs(upper)))),
    )


def _check(name: str, lower: float, upper: float) -> None:
    if lower == math.inf or upper == -math.inf:
        raise InstanceError(f"{name}: a bound is infinite on the wrong side")


def _columns(program: LinearProgram, rows: list[_PlainRow], sign: float) -> Iterator[str]:
    entries: list[list[str]] = [[] for _ in program.columns]
    for each in rows:
        for index, coefficient in _sums(each.row).items():
            entries[index].append(f"{each.name} {coefficient!r}")
    integral = False
    for index, column in enumerate(program.columns):
        if column.integral != integral:
            integral = column.integral
            yield _marker(index, begins=integral)
        own = [f"obj {sign * column.objective!r}"] if column.objective else []
        for entry in [*own, *entries[index]] or ["obj 0.0"]:
            yield f" c{index} {entry}\n"
    if integral:
        yield _marker(len(program.columns), begins=False)
    if program.objective_offset:
        yield f" {CONSTANT} obj {sign * program.objective_offset!r}\n"


def _sums(row: Row) -> dict[int, float]:
    """Return the coefficient of each column; several terms of a column are summed."""
    sums: dict[int, float] = {}
    for index, coefficient in zip(row.indices, row.coefficients, strict=True):
        sums[index] = sums[index] + coefficient if index in sums else coefficient
    return sums


def _marker(index: int, *, begins: bool) -> str:
    return f" m{index} 'MARKER' '{'INTORG' if begins else 'INTEND'}'\n"


def _bounds(name: str, column: Column) -> Iterator[str]:
    lower, upper = column.lower, column.upper
    _check(column.name, lower, upper)
    if lower > upper:
        yield from _bounds(name, replace(column, upper=math.inf))
    elif lower == upper:
        yield f" FX bnd {name} {lower!r}\n"
    elif math.isinf(lower) and math.isinf(upper):
        yield f" FR bnd {name}\n"
    else:
        yield f" MI bnd {name}\n" if math.isinf(lower) else f" LO bnd {name} {lower!r}\n"
        yield f" PL bnd {name}\n" if math.isinf(upper) else f" UP bnd {name} {upper!r}\n"
