"""Solutions: the meaning of a solution's exact check for its answer."""

from __future__ import annotations

from bench.model.results.solver_output import SolverOutput
from bench.model.results.verdict import VerdictKind
from bench.model.results.verification import NOT_ASKED, Level, Quantity, Verification, Violation

MIPLIB_TOLERANCE = float(Level.MIPLIB)
"""Relative, as in MIPLIB's solution checker; beyond it, a solution does not count."""
NOTABLE = 1e-4
"""An absolute violation above this is reported, even if it is small for its place."""

ONE_READER = "one reader: no other solver reads the file"


def contradiction(
    answer: SolverOutput, verification: Verification | None
) -> tuple[VerdictKind, str] | None:
    """Return how the solution contradicts the answer, or None.

    Only the relative violation decides, as in MIPLIB's checker: a row with coefficients of 1e6 may
    be violated by 1.
    """
    if answer.primal_bound is None or not failed(verification):
        return None
    worst = max(verification.violations, key=_severity, default=None) if verification else None
    if worst is None:
        return VerdictKind.INFEASIBLE_SOLUTION, "the solution fails the check"
    off = f"off by {worst.absolute:.3g} (relative {worst.relative:.2g}, at most {Level.MIPLIB})"
    if worst.quantity is Quantity.OBJECTIVE:
        return VerdictKind.OBJECTIVE, f"the claimed objective value is {off}"
    return VerdictKind.INFEASIBLE_SOLUTION, f"the solution misses {_place(worst)}, {off}"


def failed(verification: Verification | None) -> bool:
    """Return whether a checked solution is infeasible even at MIPLIB's tolerance."""
    return (
        verification is not None
        and verification.skipped is None
        and verification.level is Level.NONE
    )


def remark(verification: Verification | None) -> str:
    """Return what was checked in words, empty if nothing was."""
    return "; ".join([*filter(None, [_held(verification)]), *_one_reader_words(verification)])


def one_reader(verification: Verification | None) -> bool:
    """Return whether no solver of another code base could read the instance."""
    return verification is not None and verification.one_reader


def _one_reader_words(verification: Verification | None) -> tuple[str, ...]:
    return (ONE_READER,) if one_reader(verification) else ()


def _held(verification: Verification | None) -> str:
    if verification is None or verification.skipped is not None:
        return ""
    if verification.level is Level.NONE:
        return "the solution fails the check"
    held = f"the solution is feasible to {verification.level}"
    if verification.level is Level.MIPLIB:
        held += ", MIPLIB's tolerance, and not to 1e-6"
    large = notable(verification)
    if large is not None:
        held += f" relative to its numbers ({_place(large)} is off by {large.absolute:.3g})"
    return held


def notable(verification: Verification | None) -> Violation | None:
    """Return the largest violation if it is above 1e-4 in absolute terms."""
    found = () if verification is None else verification.violations
    large = max(found, key=lambda one: one.absolute, default=None)
    return None if large is None or large.absolute <= NOTABLE else large


def describe_verification(found: Verification | None) -> str:
    """Return a phrase about the solution, e.g. ``is feasible to 1e-9 (exact ...)``.

    For an infeasible one, the largest violation.
    """
    if found is None or found.skipped is not None:
        reason = NOT_ASKED if found is None else found.skipped
        return "; ".join([f"was not checked: {reason}", *_one_reader_words(found)])
    arithmetic = "exact arithmetic" if found.exact else "double precision"
    whose = "" if found.independent else ", not independent"
    reader = "; ".join([f"{found.reader}{whose}", *_one_reader_words(found)])
    how = f"({arithmetic}, instance read by {reader})"
    if found.level is not Level.NONE:
        return f"is feasible to {found.level} {how}"
    worst = max(found.violations, key=lambda one: one.relative)
    place = f"{worst.quantity} {worst.where}".strip()
    off = f"{worst.absolute:.3g}, relative to its size {worst.relative:.2g}"
    return f"fails the check: {place} is off by {off} {how}"


def _severity(violation: Violation) -> tuple[bool, bool, float]:
    """Sort by importance: beyond the tolerance, then the solution before its value."""
    beyond = not violation.relative <= MIPLIB_TOLERANCE
    return beyond, violation.quantity is not Quantity.OBJECTIVE, violation.relative


def _place(violation: Violation) -> str:
    where = violation.where_absolute or violation.where
    return f"{violation.quantity.value} {where}".strip()
