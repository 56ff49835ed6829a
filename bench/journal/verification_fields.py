"""The names under which a verification appears in MLflow and in tables, and what it says in words.

None stands everywhere for a solution that nobody was asked to check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.model.verification import Level, Quantity
from bench.store.truncation import number

if TYPE_CHECKING:
    from bench.model.verification import Verification

NOT_ASKED = "not asked for"
COLUMNS = {
    **dict.fromkeys(("verification_level", "verification_reader"), "string"),
    **dict.fromkeys(("verification_independent", "verification_exact"), "boolean"),
    "verification_skipped": "string",
    **{f"violation_{one}_{kind}": "float64" for one in Quantity for kind in ("abs", "rel")},
    **{f"violation_{one}_{kind}": "string" for one in Quantity for kind in ("where", "where_abs")},
}
"""The columns of a table with their types."""


def verification_columns(found: Verification | None) -> dict[str, str | float | bool | None]:
    """Return what stands in a table's row: the level, or why there is none, and violations.

    A violation that is not finite has a place (which may be empty) and no number.
    """
    columns: dict[str, str | float | bool | None] = dict.fromkeys(COLUMNS)
    if found is None or found.skipped is not None:
        return columns | {"verification_skipped": _reason(found)}
    columns |= {
        "verification_level": found.level.value,
        "verification_reader": found.reader,
        "verification_independent": found.independent,
        "verification_exact": found.exact,
    }
    for one in found.violations:
        columns[f"violation_{one.quantity}_abs"] = number(one.absolute)
        columns[f"violation_{one.quantity}_rel"] = number(one.relative)
        columns[f"violation_{one.quantity}_where"] = one.where
        columns[f"violation_{one.quantity}_where_abs"] = one.where_absolute
    return columns


def verification_metrics(found: Verification | None) -> dict[str, float | None]:
    """Return the worst violation of each quantity, absolute and relative."""
    metrics: dict[str, float | None] = {}
    for one in found.violations if found else ():
        metrics[f"verification/{one.quantity}_violation_abs"] = one.absolute
        metrics[f"verification/{one.quantity}_violation_rel"] = one.relative
    return metrics


def verification_tags(found: Verification | None) -> dict[str, object]:
    """Return what one filters by: the level or why there is none, and how it was found out."""
    if found is None or found.skipped is not None:
        return {"bench.verification": f"not checked: {_reason(found)}"}
    return {
        "bench.verification": found.level.value,
        "bench.verification_reader": found.reader,
        "bench.verification_independent": found.independent,
        "bench.verification_exact": found.exact,
    }


def in_words(found: Verification | None) -> str:
    """Return what a sentence says of the solution, e.g. ``holds to 1e-9 (exact arithmetic, ...)``.

    For one that does not hold: what is off the most.
    """
    if found is None or found.skipped is not None:
        return f"was not checked: {_reason(found)}"
    arithmetic = "exact arithmetic" if found.exact else "double precision"
    reader = found.reader if found.independent else f"{found.reader}, not independent"
    how = f"({arithmetic}, instance read by {reader})"
    if found.level is not Level.NONE:
        return f"holds to {found.level} {how}"
    worst = max(found.violations, key=lambda one: one.relative)
    place = f"{worst.quantity} {worst.where}".strip()
    off = f"{worst.absolute:.3g}, relative to its size {worst.relative:.2g}"
    return f"does not hold: {place} is off by {off} {how}"


def _reason(found: Verification | None) -> str | None:
    return NOT_ASKED if found is None else found.skipped
