"""The course of a task, as stepped metrics with true timestamps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.model.results.fields import SAMPLES, TRACE, values
from bench.store.truncation import MAX_POINTS, thin_points

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.model.results.fields import Field
    from bench.model.results.process_stats import ProcessStats, Sample
    from bench.model.results.result import Result
    from bench.model.results.solver_output import SolverOutput, TracePoint

Points = list[tuple[int, int, float | None]]
Fitted = list[tuple[int, int, float]]

_MIN_POINTS = 4
_MORE_POINTS = 20
_POINTS_PER_S = 2.0
_SHORT_S = 0.5
_ALWAYS = frozenset({"bounds/primal_bound", "bounds/dual_bound"})


def task_series(result: Result) -> dict[str, Fitted]:
    """Return the series of a task, thinned to 24 points each and two more for every second.

    A point costs 0.05 ms and 300 bytes in a database, and recording a short task must not cost more
    than solving it. A task of less than a second has fewer points, one of less than half a second
    only its bounds.
    """
    wall_s = result.execution.known_wall_s
    series = trace_series(result.answer) | system_series(result.execution)
    if wall_s < _SHORT_S:
        series = {name: points for name, points in series.items() if name in _ALWAYS}
    most = min(
        MAX_POINTS, round(_MIN_POINTS + _MORE_POINTS * min(1.0, wall_s) + _POINTS_PER_S * wall_s)
    )
    fitted = {name: thin_points(points, most) for name, points in series.items()}
    return {name: points for name, points in fitted.items() if points}


def trace_series(answer: SolverOutput) -> dict[str, Points]:
    """Return bounds, gap and nodes over time; empty if the start of the solve is unknown."""
    if answer.solve_started_at is None:
        return {}
    return _series(TRACE, "answer.trace", answer.trace, answer.solve_started_at)


def system_series(execution: ProcessStats) -> dict[str, Points]:
    """Return memory, CPU and load over time, under the prefix of MLflow's system metrics."""
    return _series(SAMPLES, "execution.samples", execution.samples, execution.started_at)


def _series(
    fields: Iterable[Field],
    path: str,
    moments: Sequence[TracePoint | Sample],
    started_at: float,
) -> dict[str, Points]:
    """Return each field's series over the time since a start in seconds since the epoch."""
    series: dict[str, Points] = {}
    for step, moment in enumerate(moments):
        when = _milliseconds(started_at + moment.time_s)
        for field, value in values(fields, moment, path):
            series.setdefault(field.series, []).append((when, step, value))
    return series


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
