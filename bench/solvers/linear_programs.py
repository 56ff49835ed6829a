"""Linear programs from readers: a check of their validity, and their statistics."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from bench.errors import ContentError, InstanceError
from bench.instances import constraint_classes
from bench.instances.constraint_classes import ColumnType
from bench.model.instances.linear_program import Column, LinearProgram
from bench.model.instances.problem import ProblemStatistics, Range

EMPTY = "empty model: 0 rows and 0 columns were read; is this a problem file?"


def checked(program: LinearProgram) -> LinearProgram:
    """Return the program.

    Raise InstanceError for one without rows and columns, with an invalid number, or with two
    columns of the same name.
    """
    if not program.columns and not program.rows:
        raise ContentError(EMPTY)
    for column in program.columns:
        if math.isnan(column.objective):
            raise ContentError(f"not a number (nan) in the objective, column {column.name}")
        if math.isnan(column.lower) or math.isnan(column.upper):
            raise ContentError(f"not a number (nan) in the bounds of column {column.name}")
    for row in program.rows:
        if math.isnan(row.lhs) or math.isnan(row.rhs):
            raise ContentError(f"not a number (nan) in the right-hand side of row {row.name}")
        if any(map(math.isnan, row.coefficients)):
            raise ContentError(f"not a number (nan) among the coefficients of row {row.name}")
    names = Counter(column.name for column in program.columns)
    if len(names) < len(program.columns):
        raise InstanceError(f"two columns are named {names.most_common(1)[0][0]!r}")
    return program


def statistics(program: LinearProgram) -> ProblemStatistics:
    """Return the problem statistics; integral columns with bounds inside [0, 1] are binary.

    This also holds for the constraint classes: a plain program does not contain the type in the
    file, so a general integer of an LP file may lead to another class than in SCIP.
    """
    n_bins = sum(map(_is_binary, program.columns))
    n_ints = sum(column.integral for column in program.columns) - n_bins
    return ProblemStatistics(
        n_vars=len(program.columns),
        n_bins=n_bins,
        n_ints=n_ints,
        n_conts=len(program.columns) - n_bins - n_ints,
        n_conss=len(program.rows),
        n_nonzeros=program.n_nonzeros,
        n_equalities=sum(row.lhs == row.rhs for row in program.rows),
        n_bins_declared=n_bins,
        n_ints_declared=n_ints,
        sense=program.sense,
        objective_offset=program.objective_offset,
        matrix_range=_magnitudes(a for row in program.rows for a in row.coefficients),
        objective_range=_magnitudes(column.objective for column in program.columns),
        rhs_range=_magnitudes(side for row in program.rows for side in (row.lhs, row.rhs)),
        bound_range=_magnitudes(
            bound for column in program.columns for bound in (column.lower, column.upper)
        ),
        classes=_classes(program),
    )


def _is_binary(column: Column) -> bool:
    return column.integral and column.lower >= 0 and column.upper <= 1


def _classes(program: LinearProgram) -> dict[str, int]:
    columns = [
        constraint_classes.ColumnDomain(_type(column), column.lower, column.upper)
        for column in program.columns
    ]
    rows = (
        constraint_classes.ConstraintRow(row.indices, row.coefficients, row.lhs, row.rhs)
        for row in program.rows
    )
    return constraint_classes.classify(rows, columns)


def _type(column: Column) -> ColumnType:
    if not column.integral:
        return ColumnType.CONTINUOUS
    return ColumnType.BINARY if _is_binary(column) else ColumnType.INTEGER


def _magnitudes(values: Iterable[float]) -> Range | None:
    sizes = [abs(value) for value in values if value and math.isfinite(value)]
    return Range(min(sizes), max(sizes)) if sizes else None
