"""Gaps: four definitions that do not agree, each under its own name."""

from __future__ import annotations

import math

EPSILON = 1e-9
INFINITE = 1e20
"""From here on a bound is none, as in SCIP."""


def scip_gap(primal: float, dual: float) -> float:
    """Return ``|p - d| / min(|p|, |d|)``; infinite if a bound is zero, missing or of another sign.

    SCIP's ``SCIPcomputeGap``; it can exceed 1. Bounds that are equal to 1e-9 have gap 0.
    """
    if abs(primal - dual) <= EPSILON:
        return 0.0
    least, most = sorted((abs(primal), abs(dual)))
    if least <= EPSILON or most >= INFINITE or primal * dual < 0:
        return math.inf
    return abs(primal - dual) / least


def cplex_gap(primal: float, dual: float) -> float:
    """Return ``|p - d| / (1e-10 + |p|)``, as CPLEX and the MIPLIB scripts; else infinite."""
    if _missing(primal, dual):
        return math.inf
    return abs(primal - dual) / (1e-10 + abs(primal))


def gurobi_gap(primal: float, dual: float) -> float:
    """Return ``|p - d| / |p|``; 0 if both are zero, infinite if only the primal bound is."""
    if _missing(primal, dual):
        return math.inf
    if primal == 0:
        return 0.0 if dual == 0 else math.inf
    return abs(primal - dual) / abs(primal)


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
