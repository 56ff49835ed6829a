"""Consistency: compare the results of one instance with each other, without a reference."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from bench.model.results.result import Result
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verdict import Category, VerdictKind
from bench.verification import solutions
from bench.verification.statuses import direction
from bench.verification.tolerances import CONSISTENCY_TOLERANCE, at_least, near

CodeBase = Callable[[str], str | None]
"""Returns the code base of a solver by its name, None if it is unknown."""


def reconsidered(results: Iterable[Result], code_base: CodeBase = lambda _: None) -> list[Result]:
    """Return the results in their order, compared with each other.

    Those that contradict each other become WRONG, those that a solver of another code base confirms
    become SOLVED.

    Over all settings, seeds, permutations and solvers of an instance (by digest), no dual bound may
    exceed a primal bound; infeasible is an infinite dual bound, unbounded an infinite primal bound.
    A solution together with a dual bound, of any runs, also contradicts inforunbd. It is unknown
    which result is right, so all become wrong, of kind inconsistent. Results already judged wrong
    are not used against others.

    Two solvers confirm each other if both end with the same status and, if there is one, the same
    value. A solver with an unknown ``code_base`` confirms nothing, and neither does a claim that
    stopped at a limit. The order of the results makes no difference.
    """
    everything, known_base = list(results), cache(code_base)
    groups: dict[str, list[int]] = {}
    for index, result in enumerate(everything):
        if not result.verdict.bad:
            instance = result.task.instance
            groups.setdefault(instance.digest or instance.name, []).append(index)
    for members in groups.values():
        sign = _sign([everything[index].answer for index in members])
        claims = [_claim(everything[index], sign) for index in members]
        for index, reason in zip(members, _reasons(claims), strict=True):
            if reason:
                everything[index] = _inconsistent(everything[index], reason)
        if everything[members[0]].task.instance.digest:
            _confirm(everything, members, known_base)
    return everything


def _confirm(everything: list[Result], members: Sequence[int], code_base: CodeBase) -> None:
    """Replace those members that another solver confirms."""
    solved = [index for index in members if everything[index].verdict.solved]
    bases = {name: code_base(name) for name in _solvers(everything[index] for index in solved)}
    if len(set(bases.values()) - {None}) < 2:
        return
    answers: dict[str, set[tuple[str | None, float | None]]] = {}
    for index in solved:
        answer = everything[index].answer
        found = answers.setdefault(everything[index].task.setting.solver, set())
        found.add((answer.status, answer.primal_bound))
    for index in solved:
        one = everything[index]
        if one.verdict.category is Category.UNCONFIRMED and not solutions.one_reader(
            one.verification
        ):
            everything[index] = _confirmed(one, answers, bases)


def _solvers(results: Iterable[Result]) -> set[str]:
    return {result.task.setting.solver for result in results}


def _confirmed(
    result: Result,
    answers: Mapping[str, Iterable[tuple[str | None, float | None]]],
    bases: Mapping[str, str | None],
) -> Result:
    """Return the result as SOLVED if a solver of another code base has the same answer."""
    own, answer = bases[result.task.setting.solver], result.answer
    for solver, found in sorted(answers.items()):
        if None in {own, bases[solver]} or own == bases[solver]:
            continue
        if any(_same(answer, status, primal) for status, primal in found):
            verdict = replace(
                result.verdict,
                category=Category.SOLVED,
                reason=f"{result.verdict.reason}; confirmed by another solver: {solver}",
                confirmed_by=solver,
            )
            return replace(result, verdict=verdict)
    return result


def _same(answer: SolverOutput, status: str | None, primal: float | None) -> bool:
    if answer.status != status:
        return False
    if answer.primal_bound is None or primal is None:
        return status != "optimal"
    return near(answer.primal_bound, primal, CONSISTENCY_TOLERANCE)


@dataclass(frozen=True, slots=True)
class _Claim:
    """The bounds of a result, as those of a minimisation; infinite without a claim."""

    result: Result
    primal: float
    dual: float

    @property
    def primal_text(self) -> str:
        if math.isinf(self.primal):
            return "unbounded"
        return f"a solution of value {self.result.answer.primal_bound:.12g}"

    @property
    def dual_text(self) -> str:
        if math.isinf(self.dual):
            return "infeasible"
        return f"the dual bound {self.result.answer.dual_bound:.12g}"

    @property
    def either(self) -> bool:
        return self.result.answer.status == "inforunbd"

    @property
    def who(self) -> str:
        task = self.result.task
        permutation = f", permutation {task.permutation}" if task.permutation else ""
        return f"{task.setting.name} ({task.setting.solver}, seed {task.seed}{permutation})"


def _reasons(claims: Sequence[_Claim]) -> Iterator[str]:
    """Yield for each claim what it contradicts, empty if nothing."""
    best = min(claims, key=lambda claim: (claim.primal, claim.who))
    highest = min(claims, key=lambda claim: (-claim.dual, claim.who))
    bounded = math.isfinite(best.primal) and math.isfinite(highest.dual)
    either = min((claim.who for claim in claims if claim.either), default=None) if bounded else None
    for claim in claims:
        if _passes(highest.dual, claim.primal):
            yield f"{claim.primal_text}, but {highest.dual_text} by {highest.who}"
        elif _passes(claim.dual, best.primal):
            remark = solutions.remark(best.result.verification)
            told = f"; {remark}" if remark else ""
            yield f"{claim.dual_text}, but {best.primal_text} by {best.who}{told}"
        else:
            yield _against_either(claim, best, highest, either)


def _against_either(claim: _Claim, best: _Claim, highest: _Claim, either: str | None) -> str:
    """Return the contradiction between a claim and infeasible or unbounded (``either``).

    ``best`` and ``highest`` have the solution and the dual bound that exclude it.
    """
    if either is None:
        return ""
    if claim.either:
        solution = f"{best.primal_text} by {best.who}"
        return f"infeasible or unbounded, but {solution} and {highest.dual_text} by {highest.who}"
    if math.isfinite(claim.primal):
        return f"{claim.primal_text}, but infeasible or unbounded by {either}"
    if math.isfinite(claim.dual):
        return f"{claim.dual_text}, but infeasible or unbounded by {either}"
    return ""


def _sign(answers: Sequence[SolverOutput]) -> int:
    """Return the direction of an instance, 1 or -1.

    Imported results may lack it; if all do, a dual bound above its primal bound means a
    maximisation.
    """
    known = next((answer for answer in answers if answer.problem is not None), None)
    if known is not None:
        return direction(known)
    return -1 if any(map(_maximizes, answers)) else 1


def _maximizes(answer: SolverOutput) -> bool:
    primal, dual = answer.primal_bound, answer.dual_bound
    return primal is not None and dual is not None and _passes(dual, primal)


def _claim(result: Result, sign: int) -> _Claim:
    answer = result.answer
    primal = math.inf if answer.primal_bound is None else sign * answer.primal_bound
    dual = -math.inf if answer.dual_bound is None else sign * answer.dual_bound
    return _Claim(
        result,
        primal=-math.inf if answer.status == "unbounded" else primal,
        dual=math.inf if answer.status == "infeasible" else dual,
    )


def _passes(dual: float, primal: float) -> bool:
    if math.isinf(dual) or math.isinf(primal):
        return dual > primal
    return not at_least(primal, dual, CONSISTENCY_TOLERANCE)


def _inconsistent(result: Result, reason: str) -> Result:
    verdict = replace(
        result.verdict,
        category=Category.WRONG,
        kind=VerdictKind.INCONSISTENT,
        reason=f"inconsistent: {reason}",
        ipet="fail_inconsistent",
        confirmed_by="",
    )
    return replace(result, verdict=verdict)
