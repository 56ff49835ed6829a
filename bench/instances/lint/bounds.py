"""The bounds of a column as the lines of a file set them, and their meaning."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bench.instances.lint.findings import Notes, shown


@dataclass(slots=True)
class Bounds:
    """The bounds of one column, initially those of the format; ``line`` set the last one."""

    line: int
    lower: float = 0.0
    upper: float = math.inf
    has_lower: bool = False
    has_upper: bool = False
    is_semi: bool = False

    def set(self, line: int, lower: float | None, upper: float | None) -> None:
        """Set the bounds that are not None."""
        self.line = line
        if lower is not None:
            self.lower, self.has_lower = lower, True
        if upper is not None:
            self.upper, self.has_upper = upper, True


def check_crossing(column: bytes, bounds: Bounds, notes: Notes) -> None:
    """Report a lower bound above the upper one, and its meaning."""
    if bounds.is_semi:
        _check_semi(column, bounds, notes)
        return
    if bounds.lower <= bounds.upper or math.isnan(bounds.lower + bounds.upper):
        return
    if bounds.upper < 0 and not bounds.has_lower:
        message = (
            f"column {shown(column)} has a negative upper and no lower bound; SCIP and HiGHS "
            "keep 0 (infeasible), others take -infinity, so write the lower bound"
        )
        notes.warning("negative upper bounds", bounds.line, message)
    else:
        message = (
            f"column {shown(column)} has lower bound {bounds.lower:g} above upper bound "
            f"{bounds.upper:g}; therefore the problem is infeasible"
        )
        notes.warning("crossing bounds", bounds.line, message)


def _check_semi(column: bytes, bounds: Bounds, notes: Notes) -> None:
    if bounds.lower < 0 or bounds.upper < 0:
        message = (
            f"semi-continuous column {shown(column)} with a negative bound; SCIP takes it for "
            "another domain, and HiGHS cannot solve a negative lower bound"
        )
        notes.error("negative semi-continuous bounds", bounds.line, message, misread_by="scip")
    elif bounds.lower > bounds.upper:
        message = (
            f"semi-continuous column {shown(column)} has lower bound {bounds.lower:g} above upper "
            f"bound {bounds.upper:g}; it can only be 0"
        )
        notes.warning("crossing bounds", bounds.line, message)
