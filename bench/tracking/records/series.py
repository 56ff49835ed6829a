"""What went on during a task, as stepped metrics with true timestamps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.store.truncation import MAX_POINTS, fit_points, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.model.answer import Answer, TracePoint
    from bench.model.execution import Execution
    from bench.model.result import Result

Points = list[tuple[int, int, float | None]]
Fitted = list[tuple[int, int, float]]

_MIN_POINTS = 24
_POINTS_PER_S = 2.0


def task_series(result: Result) -> dict[str, Fitted]:
    """Return the series of a task, thinned to 24 points each and two more for every second.

    A point costs 0.05 ms to write: a short task may not cost more to record than to solve.
    """
    series = trace_series(result.answer) | system_series(result.execution)
    most = min(MAX_POINTS, round(_MIN_POINTS + _POINTS_PER_S * result.execution.wall_s))
    fitted = {name: fit_points(points, most) for name, points in series.items()}
    return {name: points for name, points in fitted.items() if points}


def trace_series(answer: Answer) -> dict[str, Points]:
    """Return bounds, gap and nodes over time; empty where the start of the solve is unknown.

    ``trace/gap`` is the one of the primal-dual integral: ``|p - d| / max(|p|, |d|)`` in [0, 1],
    and 1 where a bound is missing or the signs differ (Berthold 2013; SCIP's ``stat.c``).
    """
    if answer.solve_started_at is None:
        return {}
    series: dict[str, Points] = {}
    for step, point in enumerate(answer.trace):
        when = _milliseconds(answer.solve_started_at + point.time_s)
        for name, value in _trace_values(point):
            series.setdefault(f"trace/{name}", []).append((when, step, value))
    return series


def system_series(execution: Execution) -> dict[str, Points]:
    """Return memory, CPU and load over time, under the prefix of MLflow's system metrics."""
    series: dict[str, Points] = {}
    for step, sample in enumerate(execution.samples):
        when = _milliseconds(execution.started_at + sample.time_s)
        for name, value in (
            ("process_rss_mib", sample.rss_mib),
            ("process_cpu_percent", sample.cpu_percent),
            ("host_load", sample.host_load),
        ):
            series.setdefault(f"system/{name}", []).append((when, step, value))
    return series


def _trace_values(point: TracePoint) -> Iterator[tuple[str, float | None]]:
    yield "primal_bound", point.primal_bound
    yield "dual_bound", point.dual_bound
    yield "gap", _integral_gap(number(point.primal_bound), number(point.dual_bound))
    yield "n_nodes", point.n_nodes


def _integral_gap(primal: float | None, dual: float | None) -> float:
    if primal is None or dual is None:
        return 1.0
    if primal == dual:
        return 0.0
    if primal * dual <= 0:
        return 1.0
    return abs(primal - dual) / max(abs(primal), abs(dual))


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
