"""The page's figures of bounds over time, one an instance, of traces that are thinned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from bench.model.answer import TracePoint
from bench.model.result import Result
from bench.report.figures.bounds import bounds_figure
from bench.report.figures.drawing import Drawing, drawing

MOST = 100
"""Points of a trace."""
LEAST = 12
ROOM = 50_000
"""Points of all traces together, as long as each keeps the least."""


def bounds_drawings(
    results: Sequence[Result], settings: Sequence[str] = (), room: int = ROOM
) -> dict[str, Drawing]:
    """Return a figure for each instance with a trace, by name.

    ``settings`` are those of the other figures of the page, in the order of their colours.
    """
    names = {result.task.setting.name for result in results}
    order = [*settings, *sorted(names - set(settings))]
    traced: dict[str, list[Result]] = {}
    n_traces = sum(bool(result.answer.trace) for result in results)
    most = min(MOST, max(LEAST, room // max(n_traces, 1)))
    for result in results:
        if result.answer.trace:
            trace = thinned(result.answer.trace, most)
            short = replace(result, answer=replace(result.answer, trace=trace))
            traced.setdefault(result.task.instance.name, []).append(short)
    return {name: drawing(bounds_figure(name, own, order)) for name, own in sorted(traced.items())}


def longest(results: Sequence[Result]) -> str | None:
    """Return the instance with the trace that takes longest, which tells most; None of nothing."""
    ends = [
        (-result.answer.trace[-1].time_s, result.task.instance.name)
        for result in results
        if result.answer.trace
    ]
    return min(ends)[1] if ends else None


def thinned(trace: Sequence[TracePoint], most: int) -> tuple[TracePoint, ...]:
    """Return at most so many points: the ends, and those where a bound changes."""
    if len(trace) <= 2:
        return tuple(trace)
    changes = [after for before, after in pairwise(trace[:-1]) if _bounds(before) != _bounds(after)]
    room = most - 2
    if len(changes) > room:
        changes = [changes[at * len(changes) // room] for at in range(room)]
    return (trace[0], *changes, trace[-1])


def _bounds(point: TracePoint) -> tuple[float | None, float | None]:
    return point.primal_bound, point.dual_bound
