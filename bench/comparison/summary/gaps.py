"""Gaps: four definitions that do not agree, each under its own name."""

from __future__ import annotations

EPSILON = 1e-9
INFINITE = 1e20
"""From here on a bound is none, as in SCIP."""


def integral_gap(primal: float | None, dual: float | None) -> float:
    """Return the gap in [0, 1] that integrals are made of.

    ``|p - d| / max(|p|, |d|)``; 1 without a bound or with signs that differ (also where one is
    zero), 0 where both are equal to 1e-9. Berthold, Operations Research Letters 41 (2013), with
    SCIP's choice at zero.
    """
    if primal is None or dual is None or _missing(primal, dual):
        return 1.0
    if abs(primal - dual) <= EPSILON:
        return 0.0
    if primal * dual <= 0:
        return 1.0
    return abs(primal - dual) / max(abs(primal), abs(dual))


def _missing(primal: float, dual: float) -> bool:
    return abs(primal) >= INFINITE or abs(dual) >= INFINITE
