"""What SCIP has read from a file, as a linear program."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from bench.model.linear_program import Column, LinearProgram, Row
from bench.model.problem import Sense
from bench.solvers.scip.numbers import INFINITY


def program(model: Any) -> LinearProgram:
    """Return the columns and linear rows of a model that has just been read, in file order.

    Constraints of any other kind are named in ``beyond``, with their number.
    """
    variables = sorted(model.getVars(), key=_index)
    position = {_index(variable): i for i, variable in enumerate(variables)}
    beyond: Counter[str] = Counter()
    rows = []
    for constraint in model.getConss():
        row = _row(model, constraint, position) if constraint.isLinear() else None
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
        integral=variable.isIntegral(),
    )


def _row(model: Any, constraint: Any, position: dict[int, int]) -> Row | None:
    """Return a row, or None for one that has negated variables (CIP files may)."""
    indices = [position.get(_index(variable)) for variable in model.getConsVars(constraint)]
    if None in indices:
        return None
    return Row(
        name=constraint.name,
        indices=tuple(i for i in indices if i is not None),
        coefficients=tuple(model.getConsVals(constraint)),
        lhs=_infinite(model.getLhs(constraint)),
        rhs=_infinite(model.getRhs(constraint)),
    )


def _index(variable: Any) -> int:
    """Return SCIP's own index, which counts in the order of creation."""
    index: int = variable.getIndex()
    return index


def _infinite(value: float) -> float:
    return math.copysign(math.inf, value) if abs(value) >= INFINITY else value
