"""Integrals: how early good bounds were there (Berthold 2013), in seconds."""

from __future__ import annotations

from collections.abc import Sequence

from bench.comparison.summary.gaps import integral_gap
from bench.model.answer import TracePoint


def primal_integral(trace: Sequence[TracePoint], reference: float, horizon_s: float) -> float:
    """Return the integral of the gap between the primal bound and the best known value.

    Each point of the trace holds until the next, the last one until ``horizon_s`` (the time limit,
    so that ending early without an answer gains nothing); before the first one the gap is 1. Times
    100 it is in SCIP's percent x seconds. All settings need the same reference.
    """
    gaps = [(point.time_s, integral_gap(point.primal_bound, reference)) for point in trace]
    return step_integral(gaps, horizon_s)


def dual_integral(trace: Sequence[TracePoint], reference: float, horizon_s: float) -> float:
    """Return the integral of the gap between the best known value and the dual bound."""
    gaps = [(point.time_s, integral_gap(reference, point.dual_bound)) for point in trace]
    return step_integral(gaps, horizon_s)


def step_integral(steps: Sequence[tuple[float, float]], horizon_s: float) -> float:
    """Return the integral to ``horizon_s`` of a right-continuous step function that starts at 1.

    ``steps`` are (time in seconds, value from then on), by time.
    """
    total, since, value = 0.0, 0.0, 1.0
    for time_s, following in [*steps, (horizon_s, 0.0)]:
        until = min(time_s, horizon_s)
        total += value * max(0.0, until - since)
        since, value = max(since, until), following
    return total
