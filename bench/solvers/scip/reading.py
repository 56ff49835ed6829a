"""Read an instance with SCIP: problem statistics, and the problem as a program."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.errors import ContentError, InstanceError
from bench.instances import constraint_classes
from bench.model.instances.linear_program import Column, LinearProgram, Row
from bench.model.instances.problem import Counts, ProblemStatistics, Range, Sense
from bench.solvers.captured_output import captured_output
from bench.solvers.linear_programs import EMPTY
from bench.solvers.scip import versions
from bench.solvers.scip.library import classify

INFINITY = 1e20
"""SCIP treats numbers of at least this magnitude as infinite (``numerics/infinity``)."""


def bound(value: float | None) -> float | None:
    """Return a finite number, or None for SCIP's infinities, NaN and None."""
    known = value is not None and math.isfinite(value) and abs(value) < INFINITY
    return value if known else None


EPSILON = 1e-9
"""SCIP's default ``numerics/epsilon``: bounds this near to 0 and 1 are 0 and 1."""


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    coefficients: list[float]
    lhs: float
    rhs: float


def read(model: Any, path: Path) -> tuple[str, ...]:
    """Read the file into an empty model and return the reader's warnings.

    Raise InstanceError with SCIP's own reason, which it only prints.
    """
    failure: Exception | None = None
    with captured_output() as text:
        try:
            model.readProblem(str(path))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  pyscipopt raises bare Exception for some files
            failure = error
    lines = [line.strip() for line in text().splitlines() if line.strip()]
    if failure is not None:
        raise InstanceError(_refusal(path, lines, failure))
    return tuple(line for line in lines if "warning" in line.lower())


def make_name_quotable(model: Any) -> None:
    """Remove characters of the problem's name that SCIP does not escape in its JSON statistics."""
    name = model.getProbName()
    quotable = "".join("_" if c in '"\\' or not c.isprintable() else c for c in name)
    if quotable != name:
        model.setProbName(quotable)


def statistics(model: Any) -> ProblemStatistics:
    """Return the problem statistics of a newly read model.

    Raise InstanceError for a model without rows and columns, or with an invalid number.
    """
    columns = model.getVars()
    constraints = model.getConss()
    if not columns and not constraints:
        raise ContentError(EMPTY)
    bounds = [(v.getLbOriginal(), v.getUbOriginal()) for v in columns]
    objective = [v.getObj() for v in columns]
    rows = [_row(model, c) for c in constraints if c.isLinear()]
    _refuse_nan(columns, bounds, objective, rows)
    integral = [versions.is_integral(v) for v in columns]
    n_bins = sum(
        whole and lower >= -EPSILON and upper <= 1 + EPSILON
        for whole, (lower, upper) in zip(integral, bounds, strict=True)
    )
    linear = len(rows) == len(constraints)
    return ProblemStatistics(
        n_vars=len(columns),
        n_bins=n_bins,
        n_ints=sum(integral) - n_bins,
        n_conts=len(columns) - sum(integral),
        n_conss=len(constraints),
        n_nonzeros=sum(len(row.coefficients) for row in rows) if linear else None,
        n_equalities=sum(row.lhs == row.rhs for row in rows) if linear else None,
        n_bins_declared=model.getNBinVars(),
        n_ints_declared=model.getNIntVars(),
        sense=Sense(model.getObjectiveSense()),
        objective_offset=model.getObjoffset(),
        matrix_range=_magnitudes(a for row in rows for a in row.coefficients),
        objective_range=_magnitudes(objective),
        rhs_range=_magnitudes(side for row in rows for side in (row.lhs, row.rhs)),
        bound_range=_magnitudes(b for pair in bounds for b in pair),
        classes=_classes(model, columns, constraints),
    )


def presolved_counts(model: Any, statistics_file: Path) -> Counts:
    """Return the sizes of the problem after presolve.

    The non-zeros are only in SCIP's own statistics as a JSON file.
    """
    table = json.loads(statistics_file.read_text()).get("presolvedprob", {})
    return Counts(
        n_vars=model.getNVars(),
        n_bins=model.getNBinVars(),
        n_ints=model.getNIntVars(),
        n_impls=versions.n_implied(model),
        n_conts=versions.n_continuous(model),
        n_conss=model.getNConss(),
        n_nonzeros=table.get("constraint_nonzeros"),
    )


def _classes(model: Any, columns: list[Any], constraints: list[Any]) -> dict[str, int]:
    """Count by SCIP's own classifier, or by ours if SCIP's library cannot be reached."""
    counted = classify(model)
    if counted is not None:
        return counted
    position = {column.name: i for i, column in enumerate(columns)}
    rows = [
        constraint_classes.ConstraintRow(
            indices=[position[column.name] for column in model.getConsVars(constraint)],
            coefficients=versions.coefficients(model, constraint),
            lhs=model.getLhs(constraint),
            rhs=model.getRhs(constraint),
        )
        for constraint in constraints
        if constraint.isLinear()
    ]
    plain = [
        constraint_classes.ColumnDomain(
            constraint_classes.ColumnType(column.vtype().lower()),
            column.getLbOriginal(),
            column.getUbOriginal(),
        )
        for column in columns
    ]
    return constraint_classes.classify(rows, plain)


def _row(model: Any, constraint: Any) -> _Row:
    return _Row(
        name=constraint.name,
        coefficients=versions.coefficients(model, constraint),
        lhs=model.getLhs(constraint),
        rhs=model.getRhs(constraint),
    )


def _refuse_nan(
    columns: list[Any],
    bounds: list[tuple[float, float]],
    objective: list[float],
    rows: list[_Row],
) -> None:
    for column, (lower, upper), cost in zip(columns, bounds, objective, strict=True):
        if math.isnan(cost):
            raise ContentError(f"not a number (nan) in the objective, column {column.name}")
        if math.isnan(lower) or math.isnan(upper):
            raise ContentError(f"not a number (nan) in the bounds of column {column.name}")
    for row in rows:
        if math.isnan(row.lhs) or math.isnan(row.rhs):
            raise ContentError(f"not a number (nan) in the right-hand side of row {row.name}")
        if any(map(math.isnan, row.coefficients)):
            raise ContentError(f"not a number (nan) among the coefficients of row {row.name}")


def _magnitudes(values: Iterable[float]) -> Range | None:
    sizes = [abs(value) for value in values if value and abs(value) < INFINITY]
    return Range(min(sizes), max(sizes)) if sizes else None


_LOCATION = re.compile(r"^\[[^\]]*\]\s*")
_NOISE = re.compile(r"^(original problem has|Error <-?\d+> in function call)")


def _refusal(path: Path, lines: list[str], failure: Exception) -> str:
    reasons = [_LOCATION.sub("", line).removeprefix("ERROR: ") for line in lines]
    reasons = [reason for reason in reasons if reason and not _NOISE.match(reason)]
    reasons.sort(key=lambda reason: reason.startswith("Warning"))
    detail = "; ".join(dict.fromkeys(reasons[:2])) or "no reason given"
    return f"SCIP refuses {path.name}: {detail} ({failure})"


def program(model: Any) -> LinearProgram:
    """Return the columns and linear rows of a newly read model, in file order.

    Constraints of any other kind are named in ``beyond``, with their number.
    """
    variables = sorted(model.getVars(), key=_index)
    position = {_index(variable): i for i, variable in enumerate(variables)}
    beyond: Counter[str] = Counter()
    rows = []
    for constraint in model.getConss():
        row = _linear_row(model, constraint, position) if constraint.isLinear() else None
        if row is None:
            beyond[constraint.getConshdlrName()] += 1
        else:
            rows.append(row)
    return LinearProgram(
        columns=tuple(map(_column, variables)),
        rows=tuple(rows),
        sense=Sense(model.getObjectiveSense()),
        objective_offset=model.getObjoffset(),
        beyond=tuple(f"{handler} constraints: {n}" for handler, n in sorted(beyond.items())),
    )


def _column(variable: Any) -> Column:
    return Column(
        name=variable.name,
        lower=_infinite(variable.getLbOriginal()),
        upper=_infinite(variable.getUbOriginal()),
        objective=variable.getObj(),
        integral=versions.is_integral(variable),
    )


def _linear_row(model: Any, constraint: Any, position: dict[int, int]) -> Row | None:
    """Return a row, or None for one that has negated variables (CIP files may)."""
    indices = [position.get(_index(variable)) for variable in model.getConsVars(constraint)]
    if None in indices:
        return None
    return Row(
        name=constraint.name,
        indices=tuple(i for i in indices if i is not None),
        coefficients=tuple(versions.coefficients(model, constraint)),
        lhs=_infinite(model.getLhs(constraint)),
        rhs=_infinite(model.getRhs(constraint)),
    )


def _index(variable: Any) -> int:
    """Return SCIP's own index, in the order of creation."""
    index: int = variable.getIndex()
    return index


def _infinite(value: float) -> float:
    return math.copysign(math.inf, value) if abs(value) >= INFINITY else value
