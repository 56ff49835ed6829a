"""References: compare an answer with the known facts about the instance."""

from __future__ import annotations

from bench.model.instances.reference import Known, Reference
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verdict import VerdictKind
from bench.verification.statuses import INFEASIBLE, UNBOUNDED, direction
from bench.verification.tolerances import REFERENCE_TOLERANCE, at_least, near

FEASIBLE = frozenset({Known.OPTIMAL, Known.BEST, Known.FEASIBLE, Known.UNBOUNDED})
SAYS = {
    Known.INFEASIBLE: "says that it is infeasible",
    Known.UNBOUNDED: "says that it is unbounded",
    Known.FEASIBLE: "says only that it is feasible",
    Known.BEST_DUAL: "gives only a dual bound",
    Known.BEST: "gives only the best known value",
    Known.UNKNOWN: "says nothing",
}
WITHIN = f"(tolerance {REFERENCE_TOLERANCE:g})"


def contradiction(answer: SolverOutput, reference: Reference) -> tuple[VerdictKind, str] | None:
    """Return how an answer contradicts a reference, or None. A maximisation is mirrored."""
    if reference.known is Known.INFEASIBLE:
        if answer.primal_bound is None and answer.status not in {"optimal", "unbounded"}:
            return None
        return (
            VerdictKind.SOLUTION_ON_INFEASIBLE,
            "a solution, but the instance is known to be infeasible",
        )
    if answer.status == "infeasible" and reference.known in FEASIBLE:
        return VerdictKind.DUAL_BOUND, "infeasible, but the instance is known to be feasible"
    if reference.known is Known.UNBOUNDED:
        if answer.dual_bound is None and answer.status != "optimal":
            return None
        return VerdictKind.DUAL_BOUND, "a dual bound, but the instance is known to be unbounded"
    found = _against_values(answer, *known_bounds(reference))
    return found and (found[0], found[1] + _offset_hint(answer, reference))


def confirms(answer: SolverOutput, reference: Reference) -> bool:
    """Return whether the reference confirms a final status that it does not contradict."""
    match reference.known:
        case Known.INFEASIBLE:
            return answer.status in INFEASIBLE
        case Known.UNBOUNDED:
            return answer.status in UNBOUNDED
        case _:
            best, dual = known_bounds(reference)
            if best is None or dual is None:
                return False
            return answer.status == "optimal" and near(best, dual, REFERENCE_TOLERANCE)


def describe_reference(reference: Reference) -> str:
    """Return the content of a reference that confirms an answer, with the tolerance."""
    best = known_bounds(reference)[0]
    if best is None:
        return f"the reference {SAYS[reference.known]}"
    return f"the reference says: {best:.12g} {WITHIN}"


def remark(answer: SolverOutput, reference: Reference | None) -> str:
    """Return a remark on the reference of an answer that it neither confirms nor contradicts."""
    if reference is None:
        return "no reference"
    best, primal = known_bounds(reference)[0], answer.primal_bound
    if best is None or primal is None:
        return f"the reference {SAYS[reference.known]}"
    if is_better(answer, reference):
        return f"better than the best known value {best:.12g} {WITHIN}"
    if near(primal, best, REFERENCE_TOLERANCE):
        return f"as good as the best known value {best:.12g} {WITHIN}"
    return f"the best known value is {best:.12g}"


def is_better(answer: SolverOutput, reference: Reference) -> bool:
    """Return whether the solution is better than the best known one."""
    return _better(answer.primal_bound, known_bounds(reference)[0], direction(answer))


def known_bounds(reference: Reference) -> tuple[float | None, float | None]:
    """Return the best known value and the best known dual bound."""
    if reference.known is Known.OPTIMAL:
        return reference.value, reference.value
    return reference.value, reference.dual_value


def _against_values(
    answer: SolverOutput, best: float | None, best_dual: float | None
) -> tuple[VerdictKind, str] | None:
    sign, primal, dual = direction(answer), answer.primal_bound, answer.dual_bound
    if best_dual is not None and _claims_unbounded(answer, best):
        return VerdictKind.OBJECTIVE, f"{answer.status}, but {_bound(best, best_dual)}"
    if _better(primal, best_dual, sign):
        return (
            VerdictKind.OBJECTIVE,
            f"objective value {primal:.12g}, but {_bound(best, best_dual)}",
        )
    if _better(best, dual, sign):
        return (
            VerdictKind.DUAL_BOUND,
            f"dual bound {dual:.12g} beyond the {_value(best, best_dual)}",
        )
    if answer.status == "optimal" and _better(best, primal, sign):
        return (
            VerdictKind.OBJECTIVE,
            f"optimal with {primal:.12g}, but worse than the {_value(best, best_dual)}",
        )
    return None


def _claims_unbounded(answer: SolverOutput, best: float | None) -> bool:
    """Return whether an answer claims unboundedness; for a feasible instance, inforunbd does.

    If it is unknown whether there is a solution, inforunbd may also mean that there is none.
    """
    return answer.status == "unbounded" or (answer.status == "inforunbd" and best is not None)


def _better(a: float | None, b: float | None, sign: int) -> bool:
    """Return whether a value is better than a possibly best one, by more than the tolerance."""
    if a is None or b is None:
        return False
    return not at_least(sign * a, sign * b, REFERENCE_TOLERANCE)


def _bound(best: float | None, best_dual: float | None) -> str:
    if best == best_dual:
        return f"the optimal value is known to be {best:.12g} {WITHIN}"
    return f"no value is better than the known dual bound {best_dual:.12g} {WITHIN}"


def _value(best: float | None, best_dual: float | None) -> str:
    word = "known optimum" if best == best_dual else "best known value"
    return f"{word} {best:.12g} {WITHIN}"


EXACT = 1e-6
"""How exactly a difference has to equal the offset, relative to max(1, |value|): published values
have few digits, and no other difference should match.
"""


def _offset_hint(answer: SolverOutput, reference: Reference) -> str:
    """Return a hint if claim and reference differ by exactly the instance's offset.

    It follows the reason of a contradiction, and is empty if the offset is 0 or does not explain
    it. E.g. Netlib's e226: published -18.7519, with the constant 7.113 of its file -11.6389.
    """
    offset = 0.0 if answer.problem is None else answer.problem.objective_offset
    claims = (answer.primal_bound, answer.dual_bound)
    known = (reference.value, reference.dual_value)
    if offset and any(_apart_by(a, b, offset) for a in claims for b in known):
        return (
            f"; they differ by the objective offset {offset:.12g} of the instance: does the "
            "reference leave out the constant?"
        )
    return ""


def _apart_by(claim: float | None, known: float | None, offset: float) -> bool:
    if claim is None or known is None:
        return False
    return abs(claim - known - offset) <= EXACT * max(1.0, abs(claim), abs(known))
