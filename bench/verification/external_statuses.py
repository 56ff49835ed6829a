"""The status of the same answer in other tools, for their users; no verdict depends on it.

The rules are those of SCIP's ``check/check.awk`` and of ipet's ``Validation``, implemented
independently. docs/verdicts.md gives the reasons for differences.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from bench.model.instances.reference import Known, Reference
from bench.model.results.process_stats import ProcessStats, Termination
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verification import Quantity, Verification
from bench.verification.references import known_bounds
from bench.verification.statuses import direction
from bench.verification.tolerances import at_least

FEASIBILITY_TOLERANCE = 1e-6
"""Relative; SCIP's ``numerics/feastol``."""
IPET_TOLERANCE = 1e-4
CHECK_RELATIVE = 1e-5
CHECK_ABSOLUTE = 1e-4
INFINITY = 1e20

WITHOUT_STATUS = {
    Termination.TIME: "timelimit",
    Termination.MEMORY: "memlimit",
    Termination.INTERRUPT: "userinterrupt",
    Termination.REFUSED: "readerror",
}
CHECK_LIMITS = {
    "timelimit": "timeout",
    "memlimit": "memlimit",
    "nodelimit": "nodelimit",
    "totalnodelimit": "nodelimit",
    "stallnodelimit": "nodelimit",
    "gaplimit": "gaplimit",
    "sollimit": "sollimit",
    "bestsollimit": "sollimit",
}
IPET_NAMES = {
    **dict.fromkeys(("optimal", "infeasible", "unbounded", "inforunbd", "gaplimit"), "ok"),
    **{name: name for name in ("timelimit", "memlimit", "nodelimit")},
    "userinterrupt": "interrupt",
    "readerror": "fail_readerror",
}


@dataclass(frozen=True, slots=True)
class _Claim:
    """An answer as a minimisation; a missing bound is replaced by the worst one."""

    word: str | None
    primal: float
    dual: float
    misses: bool
    sign: int

    @property
    def has_solution(self) -> bool:
        return abs(self.primal) < INFINITY


def check_status(
    answer: SolverOutput,
    execution: ProcessStats,
    reference: Reference | None,
    verification: Verification | None = None,
) -> str:
    """Return the status of SCIP's check scripts, e.g. ``fail (objective value)``."""
    claim = _claim(answer, execution, verification)
    known = reference.known if reference else Known.UNKNOWN
    limit = CHECK_LIMITS.get(claim.word or "")
    valued = reference is not None and known in {Known.OPTIMAL, Known.BEST, Known.BEST_DUAL}
    if claim.word in {None, "readerror"}:
        return "fail (abort)" if claim.word is None else "fail (readerror)"
    if claim.misses:
        return "fail (solution infeasible)"
    if known is Known.INFEASIBLE:
        return "fail (solution on infeasible instance)" if claim.has_solution else limit or "ok"
    if valued and not claim.has_solution and limit is None:
        return "fail (objective value)"
    if reference is None or not valued:
        return _check_unknown(claim, limit)
    best, dual = _reference_bounds(reference, claim.sign)
    if known is Known.OPTIMAL:
        return _check_optimum(claim, limit, best)
    return _check_best(claim, limit, best, dual)


def ipet_status(
    answer: SolverOutput,
    execution: ProcessStats,
    reference: Reference | None,
    verification: Verification | None = None,
) -> str:
    """Return the status of ipet, e.g. ``fail_dual_bound``."""
    claim = _claim(answer, execution, verification)
    if claim.word is None:
        return "fail_abort"
    if claim.misses and claim.has_solution:
        return "fail_solution_infeasible"
    wrong = None if reference is None else _ipet_against(claim, reference)
    return wrong or IPET_NAMES.get(claim.word, "fail_abort")


def _ipet_against(claim: _Claim, reference: Reference) -> str | None:
    if reference.known is Known.INFEASIBLE:
        found = claim.has_solution and claim.word != "infeasible"
        return "fail_solution_on_infeasible_instance" if found else None
    if reference.known is Known.FEASIBLE:
        return "fail_dual_bound" if claim.word == "infeasible" else None
    best, dual = _reference_bounds(reference, claim.sign)
    if not at_least(claim.primal, dual, IPET_TOLERANCE):
        return "fail_objective_value"
    if claim.word == "infeasible" and best < INFINITY:
        return "fail_dual_bound"
    return None if at_least(best, claim.dual, IPET_TOLERANCE) else "fail_dual_bound"


def _check_optimum(claim: _Claim, limit: str | None, optimum: float) -> str:
    slack = CHECK_RELATIVE * max(abs(claim.primal), 1.0) if claim.has_solution else CHECK_RELATIVE
    if optimum - claim.primal > slack or claim.dual - optimum > slack:
        return "fail (objective value)"
    closed = claim.dual <= -INFINITY or _check_closed(claim)
    return limit or ("ok" if closed else "fail")


def _check_best(claim: _Claim, limit: str | None, best: float, dual: float) -> str:
    slack = CHECK_RELATIVE * max(abs(claim.primal), 1.0) if claim.has_solution else CHECK_RELATIVE
    if claim.dual - best > slack:
        return "fail (dual bound)"
    if dual - claim.primal > slack:
        return "fail (primal bound)"
    if limit is not None:
        return "better" if best - claim.primal > slack else limit
    closed = _check_closed(claim)
    return "solved not verified" if closed else "fail (stopped unsolved before limit)"


def _check_unknown(claim: _Claim, limit: str | None) -> str:
    if limit is not None:
        return "better" if claim.has_solution else limit
    decided = claim.word in {"infeasible", "unbounded", "inforunbd"}
    return "solved not verified" if decided or _check_closed(claim) else "unknown"


def _check_closed(claim: _Claim) -> bool:
    slack = max(CHECK_ABSOLUTE, CHECK_RELATIVE * max(abs(claim.primal), 1.0))
    return claim.has_solution and abs(claim.primal - claim.dual) <= slack


def _claim(
    answer: SolverOutput, execution: ProcessStats, verification: Verification | None
) -> _Claim:
    sign = direction(answer)
    return _Claim(
        word=answer.status or WITHOUT_STATUS.get(execution.termination),
        primal=_or(answer.primal_bound, sign, INFINITY),
        dual=_or(answer.dual_bound, sign, -INFINITY),
        misses=_misses(verification),
        sign=sign,
    )


def _reference_bounds(reference: Reference, sign: int) -> tuple[float, float]:
    best, dual = known_bounds(reference)
    return _or(best, sign, INFINITY), _or(dual, sign, -INFINITY)


def _or(value: float | None, sign: int, missing: float) -> float:
    return missing if value is None or not math.isfinite(value) else sign * value


def _misses(verification: Verification | None) -> bool:
    if verification is None or verification.skipped is not None:
        return False
    return any(
        one.quantity is not Quantity.OBJECTIVE and not one.relative <= FEASIBILITY_TOLERANCE
        for one in verification.violations
    )
