"""SCIP checks a solution itself; used for problems beyond linear rows and columns."""

from __future__ import annotations

import contextlib
import io
import math
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from pyscipopt import Model

from bench.errors import UsageError
from bench.model.results.verification import Level, Quantity, Verification, Violation
from bench.solvers.scip import reading, versions
from bench.solvers.scip.reading import INFINITY

LEVELS = (Level.CLAIMED, Level.SOLVER, Level.MIPLIB)
CONSTRAINT = re.compile(r"\[\w+\] <(?P<name>[^>]*)>")
CARRIERS = {"quadobj": "quadobjvar", "qmatrix": "qmatrixvar"}
"""Constraint -> column that SCIP's readers (LP, MPS) create for an objective's quadratic terms."""
AMOUNT = re.compile(r"violat\w+[^;\n]*? by (?P<amount>[-+.\de]+)")


def check(
    path: Path, solution: Mapping[str, Fraction], claimed_objective: float | None
) -> Verification:
    """Return SCIP's check in the original space, before any presolve.

    The level is the tightest value of ``numerics/feastol`` at which SCIP accepts the solution and
    the claim is met. Bounds and integrality are measured here, in doubles. SCIP reports only the
    first violated constraint, and its relative measure is not available, so the absolute one is
    used for both. Raise InstanceError for a file that SCIP rejects, UsageError for an unknown name.
    """
    model = Model()
    try:
        model.hideOutput()
        reading.read(model, path)
        values = {variable.name: 0.0 for variable in model.getVars()}
        for name, value in solution.items():
            if name not in values:
                raise UsageError(f"the solution has a variable that SCIP does not know: {name!r}")
            values[name] = float(value)
        carried = _carried(model, values)
        values |= {name: value for name, value in carried if name not in solution}
        return _check(model, values, claimed_objective)
    finally:
        versions.free(model)


def _carried(model: Any, values: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """Yield the column that represents the quadratic terms of the objective, with their value.

    ``min q(x)`` is read as ``min t`` with ``q(x) <= t``; neither the file nor solutions of other
    solvers contain ``t``.
    """
    for constraint in model.getConss():
        carrier = CARRIERS.get(constraint.name, "")
        if carrier in values and constraint.getConshdlrName() == "nonlinear":
            products, squares, _ = model.getTermsQuadratic(constraint)
            terms = [a * values[x.name] * values[y.name] for x, y, a in products]
            terms += [(a * values[x.name] + b) * values[x.name] for x, a, b in squares]
            yield carrier, math.fsum(terms)


def _set_slacks(model: Any, candidate: Any, values: Mapping[str, float]) -> None:
    """Set the slack that SCIP's LP reader adds to each indicator to its implied value.

    ``z = 1 -> a x <= b`` is read as ``a x - indslack_c <= b`` and ``z = 1 -> indslack_c = 0``.
    Neither the file nor solutions of other solvers contain this slack. If it is not 0 with z = 1,
    SCIP 10 fails in its check instead of rejecting the solution; therefore it is set to 0, and the
    row shows the violation.
    """
    for constraint in model.getConss():
        if constraint.getConshdlrName() != "indicator":
            continue
        slack = model.getSlackVarIndicator(constraint)
        if not slack.name.startswith("indslack_"):
            continue
        switch, row = model.getConsVars(constraint)[0], model.getLinearConsIndicator(constraint)
        excess = 0.0
        if model.getSolVal(candidate, switch) <= 1 / 2:
            names = [variable.name for variable in model.getConsVars(row)]
            terms = zip(names, model.getConsVals(row), strict=True)
            activity = math.fsum(a * values[name] for name, a in terms if name != slack.name)
            excess = max(0.0, activity - model.getRhs(row))
        model.setSolVal(candidate, slack, excess)


def _check(model: Any, values: Mapping[str, float], claim: float | None) -> Verification:
    candidate = model.createOrigSol()
    for variable in model.getVars():
        model.setSolVal(candidate, variable, values[variable.name])
    _set_slacks(model, candidate, values)
    objective = model.getSolObjVal(candidate)
    violations = [*_columns(model, values)]
    if claim is not None and math.isfinite(claim):
        off = abs(objective - claim)
        scale = max(1.0, abs(claim), abs(objective))
        violations.append(Violation(Quantity.OBJECTIVE, off, off / scale))
    level, complaint = _level(model, candidate, max(one.relative for one in violations))
    return Verification(
        level=level,
        violations=(*violations[:2], _row(complaint), *violations[2:]),
        objective=objective,
        reader="scip",
        notes=("checked by SCIP itself, in double precision", *_told(complaint)),
    )


def _level(model: Any, candidate: Any, worst: float) -> tuple[Level, str]:
    """Return the tightest feasible level, and SCIP's complaint at the tightest of all."""
    complaints = []
    reached = Level.NONE
    for level in reversed(LEVELS):
        tolerance = float(level.value)
        model.setParam("numerics/feastol", tolerance)
        accepted, complaint = _ask(model, candidate)
        complaints.append(complaint)
        if not accepted or worst > tolerance:
            break
        reached = level
    return reached, complaints[-1]


def _ask(model: Any, candidate: Any) -> tuple[bool, str]:
    """Return SCIP's decision on the solution, and its message."""
    told = io.StringIO()
    model.hideOutput(False)
    model.redirectOutput()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
        try:
            accepted = model.checkSol(candidate, printreason=True, completely=True, original=True)
        except Exception as error:  # noqa: BLE001  pyscipopt raises bare Exception
            return False, f"its check failed: {error}"
    return bool(accepted), told.getvalue()


def _columns(model: Any, values: Mapping[str, float]) -> Iterator[Violation]:
    """Yield the worst violations of bounds and integrality."""
    bounds, fractions = [(0.0, 0.0, "")], [(0.0, 0.0, "")]
    for variable in model.getVars():
        name, value = variable.name, values[variable.name]
        lower, upper = variable.getLbOriginal(), variable.getUbOriginal()
        sides = [(lower - value, lower), (value - upper, upper)]
        for off, side in sides:
            if off > 0 and abs(side) < INFINITY:
                bounds.append((off / max(1.0, abs(side), abs(value)), off, name))
        if variable.isIntegral():
            off = abs(value - round(value))
            fractions.append((off, off, name))
    for quantity, found in ((Quantity.BOUND, bounds), (Quantity.INTEGRALITY, fractions)):
        relative, absolute, where = max(found)
        yield Violation(quantity, absolute, relative, where if absolute else "")


def _row(complaint: str) -> Violation:
    """Return the violation of a constraint that SCIP reports, as far as it is known."""
    name, amount = CONSTRAINT.search(complaint), AMOUNT.search(complaint)
    off = float(amount["amount"]) if amount else 0.0
    return Violation(Quantity.ROW, off, off, name["name"] if name else "")


def _told(complaint: str) -> Iterator[str]:
    words = " ".join(complaint.split())
    if words:
        yield f"SCIP says: {words[:300]}"
