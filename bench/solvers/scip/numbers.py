"""SCIP's numbers as ours: its infinity and not-a-number become None."""

from __future__ import annotations

import math

INFINITY = 1e20
"""From this magnitude on SCIP takes a number for infinite (``numerics/infinity``)."""


def bound(value: float) -> float | None:
    """Return a finite number, or None for SCIP's infinities and NaN."""
    return value if math.isfinite(value) and abs(value) < INFINITY else None
