"""From an answer to a verdict: what may be concluded, given what is known of the instance."""

from __future__ import annotations

import math

from bench.model.answer import Answer
from bench.model.execution import Execution, Termination
from bench.model.problem import Sense
from bench.model.reference import Known, Reference
from bench.model.verdict import Category, Verdict

TOLERANCE = 1e-4
"""Relative to max(1, |value|): references are published with few digits (as ipet has it)."""

INFEASIBLE = frozenset({"infeasible", "inforunbd"})
UNBOUNDED = frozenset({"unbounded", "inforunbd"})
FINAL = frozenset({"optimal"}) | INFEASIBLE | UNBOUNDED


def judge(answer: Answer, execution: Execution, reference: Reference | None) -> Verdict:
    """Return the verdict, by the first rule that applies.

    No answer is FAILED, or LIMIT where a limit ended it; an answer that contradicts itself or the
    reference is WRONG; a final status is SOLVED where the reference confirms it, else UNVERIFIED;
    the rest ended at a LIMIT.
    """
    if answer.status is None:
        return _without_answer(answer, execution)
    wrong = _contradiction(answer, reference)
    if wrong:
        return Verdict(Category.WRONG, wrong)
    if answer.status in FINAL:
        confirmed = reference is not None and _confirms(reference, answer.status)
        category = Category.SOLVED if confirmed else Category.UNVERIFIED
        return Verdict(category, answer.status if confirmed else f"{answer.status}, no reference")
    if execution.termination in {Termination.SIGNAL, Termination.ERROR}:
        return Verdict(Category.FAILED, execution.evidence)
    return Verdict(Category.LIMIT, answer.status)


def _without_answer(answer: Answer, execution: Execution) -> Verdict:
    if execution.termination in {Termination.TIME, Termination.MEMORY}:
        return Verdict(Category.LIMIT, execution.evidence)
    return Verdict(Category.FAILED, answer.error or execution.evidence)


def _confirms(reference: Reference, status: str) -> bool:
    match reference.known:
        case Known.OPTIMAL:
            return status == "optimal"
        case Known.INFEASIBLE:
            return status in INFEASIBLE
        case Known.UNBOUNDED:
            return status in UNBOUNDED
        case _:
            return False


def _contradiction(answer: Answer, reference: Reference | None) -> str | None:
    """Return what is wrong with an answer, or None."""
    primal, dual = answer.primal_bound, answer.dual_bound
    if any(value is not None and not math.isfinite(value) for value in (primal, dual)):
        return "invalid numbers: a bound is not a finite number"
    if answer.status == "optimal" and (primal is None or dual is None or not _near(primal, dual)):
        return f"optimal, but the bounds differ: primal {primal}, dual {dual}"
    if reference is None:
        return None
    if reference.known is Known.INFEASIBLE:
        if primal is not None or answer.status in {"optimal", "unbounded"}:
            return "a solution, but the instance is known to be infeasible"
        return None
    feasible = {Known.OPTIMAL, Known.BEST, Known.FEASIBLE, Known.UNBOUNDED}
    if answer.status == "infeasible" and reference.known in feasible:
        return "infeasible, but the instance is known to be feasible"
    if reference.known is Known.OPTIMAL:
        return _against_optimum(answer, reference.value)
    return None


def _against_optimum(answer: Answer, value: float | None) -> str | None:
    if value is None:
        return None
    if answer.status in UNBOUNDED:
        return f"{answer.status}, but the optimal value is known to be {value:g}"
    maximize = answer.problem is not None and answer.problem.sense is Sense.MAXIMIZE
    sign = -1 if maximize else 1
    primal, dual = answer.primal_bound, answer.dual_bound
    if primal is not None and sign * (value - primal) > _slack(value):
        return f"objective value {primal:.12g} better than the known optimum {value:.12g}"
    if dual is not None and sign * (dual - value) > _slack(value):
        return f"dual bound {dual:.12g} beyond the known optimum {value:.12g}"
    if answer.status == "optimal" and primal is not None and not _near(primal, value):
        return f"optimal with {primal:.12g}, but the known optimum is {value:.12g}"
    return None


def _near(a: float, b: float) -> bool:
    return abs(a - b) <= _slack(b)


def _slack(value: float) -> float:
    return TOLERANCE * max(1.0, abs(value))
