"""A verification as text: a small table and one sentence."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from bench.model.results.verification import Level, Verification, Violation
from bench.report.terminal.table import filled, render

MEANING = {
    Level.CLAIMED: "as claimed, to rounding",
    Level.SOLVER: "a solver's usual tolerance",
    Level.MIPLIB: "MIPLIB's tolerance, not a solver's",
}


def verification_table(found: Verification) -> str:
    """Return the worst violations, absolute, relative and where, one line per quantity."""
    rows = [
        (one.quantity.value, _size(one.absolute), _size(one.relative), _where(one))
        for one in found.violations
    ]
    lines = render(("violation", "absolute", "relative"), [row[:3] for row in rows]).splitlines()
    places = ["worst at", "--------", *(row[3] for row in rows)]
    return "\n".join(f"{line}  {place}".rstrip() for line, place in zip(lines, places, strict=True))


def holds(found: Verification, tolerance: Level) -> bool:
    """Return whether the reached level is the tolerance, or tighter."""
    return found.level is not Level.NONE and float(found.level) <= float(tolerance)


def sentence(found: Verification, tolerance: Level) -> str:
    """Return the conclusion: the reached level, the value, and how it was checked."""
    how = "exact arithmetic" if found.exact else "double precision"
    whose = "" if found.independent else ", which may be the same program as the solver"
    if found.level is Level.NONE:
        held = "The solution fails the check, even at the tolerance 1e-4"
    else:
        held = f"The solution is feasible to {found.level} ({MEANING[found.level]})"
        if not holds(found, tolerance):
            held += f", not to {tolerance}"
    value = "" if found.objective is None else f"; its objective value is {found.objective:.15g}"
    text = f"{held}{value} ({how}, instance read by {found.reader}{whose})."
    return filled(text)


def to_json(found: Verification) -> dict[str, Any]:
    """Return all findings, ready for JSON."""
    return asdict(found)


def _size(number: float) -> str:
    return f"{number:.2g}"


def _where(one: Violation) -> str:
    if not one.where_absolute:
        return one.where
    return f"{one.where} (relative), {one.where_absolute} (absolute)"
