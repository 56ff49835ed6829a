"""From an answer to a verdict: the conclusion, given the known facts about the instance.

docs/verdicts.md has the rules as a table, and the same answers under the rules of other tools.
"""

from __future__ import annotations

import math
from dataclasses import replace

from bench.model.instances.reference import Reference
from bench.model.results.process_stats import ProcessStats, Termination
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verdict import REFERENCE, Category, Verdict, VerdictKind
from bench.model.results.verification import Verification
from bench.verification import external_statuses, references, solutions
from bench.verification.statuses import FINAL, LIMITS, direction
from bench.verification.tolerances import CLOSED_TOLERANCE, at_least, near

OUTSIDE = frozenset({"SIGKILL", "SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"})
"""Signals that another process sends; all others come from the process itself."""

ENDED_BY_LIMIT = {Termination.TIME: VerdictKind.TIME, Termination.MEMORY: VerdictKind.MEMORY}


def judge(
    answer: SolverOutput,
    execution: ProcessStats,
    reference: Reference | None = None,
    verification: Verification | None = None,
    *,
    gap_limit: float | None = None,
) -> Verdict:
    """Return the verdict, by the first rule that applies.

    1. No status: what ended the process decides (a limit is LIMIT, whoever held it).
    2. Contradicted by its own numbers, its solution, the reference or itself: WRONG.
    3. A final status: SOLVED where the reference confirms it, else UNCONFIRMED (another result of
       the instance may confirm it yet, see `consistency`); but where bench was asked for a gap, an
       answer that has only come within it is LIMIT.
    4. Any other status: the LIMIT or interrupt that it names; one that names none is CRASHED.

    ``gap_limit`` is the relative gap at which the solve was allowed to stop.
    """
    if answer.status is None:
        verdict = _without_status(answer, execution)
    elif wrong := _contradiction(answer, reference, verification, gap_limit or 0.0):
        verdict = Verdict(Category.WRONG, wrong[1], wrong[0])
    elif answer.status not in FINAL:
        verdict = _not_final(answer, answer.status, execution, reference)
    elif answer.status == "optimal" and not _closed(answer):
        verdict = Verdict(
            Category.LIMIT, f"optimal up to the gap limit {gap_limit:g}", VerdictKind.GAP
        )
    else:
        verdict = _final(answer, answer.status, reference)
    remarks = [verdict.reason, "" if verdict.bad else solutions.remark(verification)]
    return replace(
        verdict,
        reason="; ".join(filter(None, remarks)),
        scip_check=external_statuses.check_status(answer, execution, reference, verification),
        ipet=external_statuses.ipet_status(answer, execution, reference, verification),
    )


def _without_status(answer: SolverOutput, execution: ProcessStats) -> Verdict:
    reason = answer.error or execution.evidence
    match execution.termination:
        case Termination.TIME | Termination.MEMORY:
            kind = ENDED_BY_LIMIT[execution.termination]
            return Verdict(Category.LIMIT, execution.evidence, kind)
        case Termination.REFUSED:
            return Verdict(Category.UNREADABLE, reason)
        case Termination.UNSUPPORTED:
            return Verdict(Category.UNSUPPORTED, reason)
        case Termination.INTERRUPT:
            return Verdict(Category.INTERRUPTED, execution.evidence)
        case Termination.SKIPPED:
            return Verdict(Category.SKIPPED, execution.evidence)
        case Termination.SIGNAL if execution.signal in OUTSIDE:
            return Verdict(Category.KILLED, execution.evidence)
        case _:
            return Verdict(Category.CRASHED, reason)


def _final(answer: SolverOutput, status: str, reference: Reference | None) -> Verdict:
    if reference is not None and references.confirms(answer, reference):
        reason = f"{status}, as {references.describe_reference(reference)}"
        return Verdict(Category.SOLVED, reason, confirmed_by=REFERENCE)
    return Verdict(Category.UNCONFIRMED, f"{status}, {references.remark(answer, reference)}")


def _not_final(
    answer: SolverOutput, status: str, execution: ProcessStats, reference: Reference | None
) -> Verdict:
    kind = ENDED_BY_LIMIT.get(execution.termination, LIMITS.get(status))
    if kind is not None:
        better = reference is not None and references.is_better(answer, reference)
        told = f", {references.remark(answer, reference)}" if better else ""
        return Verdict(Category.LIMIT, f"{status}{told}", kind)
    if status == "userinterrupt" or execution.termination is Termination.INTERRUPT:
        return Verdict(Category.INTERRUPTED, status)
    return Verdict(Category.CRASHED, f"{status}: neither an answer nor a limit")


def _contradiction(
    answer: SolverOutput,
    reference: Reference | None,
    verification: Verification | None,
    gap_limit: float,
) -> tuple[VerdictKind, str] | None:
    bounds = (answer.primal_bound, answer.dual_bound)
    if any(value is not None and not math.isfinite(value) for value in bounds):
        return VerdictKind.INVALID_NUMBERS, "invalid numbers: a bound is not a finite number"
    return (
        solutions.contradiction(answer, verification)
        or (references.contradiction(answer, reference) if reference else None)
        or _against_itself(answer, gap_limit)
    )


def _against_itself(answer: SolverOutput, gap_limit: float) -> tuple[VerdictKind, str] | None:
    sign, primal, dual = direction(answer), answer.primal_bound, answer.dual_bound
    if answer.status == "infeasible" and primal is not None:
        return VerdictKind.INCONSISTENT, f"infeasible, but with a solution of value {primal:.12g}"
    if answer.status == "optimal" and (primal is None or dual is None):
        return VerdictKind.GAP_NOT_CLOSED, f"optimal, but without both bounds: {_bounds(answer)}"
    if primal is None or dual is None:
        return None
    if not at_least(sign * primal, sign * dual, CLOSED_TOLERANCE):
        return (
            VerdictKind.INCONSISTENT,
            f"the dual bound passes the primal bound: {_bounds(answer)}",
        )
    allowed = gap_limit * max(abs(primal), abs(dual))
    if answer.status == "optimal" and not _closed(answer) and abs(primal - dual) > allowed:
        return VerdictKind.GAP_NOT_CLOSED, f"optimal, but the bounds differ: {_bounds(answer)}"
    return None


def _closed(answer: SolverOutput) -> bool:
    primal, dual = answer.primal_bound, answer.dual_bound
    return primal is not None and dual is not None and near(primal, dual, CLOSED_TOLERANCE)


def _bounds(answer: SolverOutput) -> str:
    def shown(value: float | None) -> str:
        return "none" if value is None else f"{value:.12g}"

    return f"primal {shown(answer.primal_bound)}, dual {shown(answer.dual_bound)}"
