"""The figure of one instance: its bounds over time."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

from bench.errors import UsageError
from bench.model.result import Result
from bench.model.solver_output import TracePoint
from bench.report.figures.figure import Axis, Curve, CurveKind, Figure

BOUNDS = "bounds"
"""The name of the figure."""
EARLY = 0.1
"""The share of the picture's width in which bounds may lie beyond the scale."""


def instance_figure(results: Sequence[Result], instance: str | None) -> Figure:
    """Return the bounds over time of one instance; UsageError where none are known of it."""
    traced = [result for result in results if result.answer.trace]
    names = sorted({result.task.instance.label for result in traced})
    if not names:
        raise UsageError(
            "there are no bounds over time here: only the journals of sweeps have them"
        )
    if instance not in names:
        wanted = "name one with --instance" if instance is None else f"no instance {instance!r}"
        raise UsageError(f"{wanted}; there are: {', '.join(names)}")
    return bounds_figure(
        instance, [result for result in traced if result.task.instance.label == instance]
    )


def bounds_figure(instance: str, results: Sequence[Result], settings: Sequence[str] = ()) -> Figure:
    """Return primal and dual bound over seconds of each task of an instance.

    ``settings`` has all settings in the order of their colours; without it those of the results
    have theirs by name. Bounds that are far off at the very beginning lie beyond the scale.
    """
    order = settings or sorted({result.task.setting.name for result in results})
    by_seed = len({(result.task.seed, result.task.permutation) for result in results}) > 1
    ends_s = [result.answer.trace[-1].time_s for result in results if result.answer.trace]
    early = EARLY * max(ends_s, default=0.0)
    curves: list[Curve] = []
    late: list[float] = []
    ends = []
    for result in sorted(
        results, key=lambda one: (order.index(one.task.setting.name), one.task.seed)
    ):
        name = result.task.setting.name + (f" s{result.task.seed}" if by_seed else "")
        trace = result.answer.trace
        for bound in ("primal", "dual"):
            xs, ys = _steps(trace, [getattr(point, f"{bound}_bound") for point in trace])
            if xs:
                curves.append(
                    Curve(
                        name=f"{name} {bound}",
                        kind=CurveKind.STEPS,
                        xs=xs,
                        ys=ys,
                        colour=order.index(result.task.setting.name),
                        series=result.task.setting.name,
                    )
                )
            late += ys[max(0, bisect_right(xs, early) - 1) :]
        ends.append(f"{name} {result.verdict.category.value}")
    low, high = (min(late), max(late)) if late else (0.0, 0.0)
    room = 0.05 * (high - low)
    return Figure(
        title=f"Bounds of {instance} over time",
        x=Axis(label="seconds since the start of the solve"),
        y=Axis(label="objective value", low=low - room, high=high + room)
        if high > low
        else Axis(label="objective value"),
        curves=tuple(curves),
        alternative=f"Primal and dual bound of {instance}; at the end: {', '.join(ends)}.",
    )


def _steps(
    trace: Sequence[TracePoint], values: Sequence[float | None]
) -> tuple[list[float], list[float]]:
    known = [
        (point.time_s, value)
        for point, value in zip(trace, values, strict=True)
        if value is not None and math.isfinite(value)
    ]
    end = trace[-1].time_s if trace else 0.0
    if known and known[-1][0] < end:
        known.append((end, known[-1][1]))
    return [time for time, _ in known], [value for _, value in known]
