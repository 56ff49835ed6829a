"""The thinned trace."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bench.model.results.solver_output import TracePoint
from bench.solvers.trace import ThinnedTrace

MOST = 20


def kept(incumbents: list[bool]) -> tuple[list[TracePoint], tuple[TracePoint, ...]]:
    """Return all points, and those that are kept of them."""
    points = [
        TracePoint(float(i), None, None, i, incumbent=found) for i, found in enumerate(incumbents)
    ]
    trace = ThinnedTrace(most=MOST)
    for point in points:
        trace.add(point)
    return points, trace.points()


@given(st.lists(st.booleans(), min_size=1, max_size=300))
def test_first_last_and_every_incumbent_are_kept_in_order(incumbents: list[bool]) -> None:
    """Thinning loses none of the points that matter."""
    points, trace = kept(incumbents)
    assert trace[0] is points[0]
    assert trace[-1] is points[-1]
    assert [p for p in trace if p.incumbent] == [p for p in points if p.incumbent]
    assert list(trace) == sorted(trace, key=lambda point: point.time_s)


@given(st.integers(1, 5000))
def test_no_more_points_than_allowed_however_long_the_solve(n: int) -> None:
    """Without incumbents the bound holds strictly."""
    _, trace = kept([False] * n)
    assert len(trace) <= MOST


def test_what_is_kept_is_spread_evenly() -> None:
    """No part of the solve is left without points."""
    _, trace = kept([False] * 1000)
    times = [point.time_s for point in trace]
    widest = max(b - a for a, b in pairwise(times))
    assert widest <= 2 * 1000 / (MOST / 2)
