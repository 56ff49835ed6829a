"""Numbers as they are recorded: finite, or missing."""

from __future__ import annotations

import math

INFINITY = 1e20
"""From this magnitude on a number means "infinite", as in SCIP."""


def number(value: float | None) -> float | None:
    """Return the value as float, or None where it is missing, not finite or means "infinite"."""
    if value is None or not math.isfinite(value) or abs(value) >= INFINITY:
        return None
    return float(value)
