"""The figure of one instance: its bounds over time."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence

from bench.errors import UsageError
from bench.model.results.result import Result
from bench.model.results.solver_output import TracePoint
from bench.report.figures.figure import Axis, Curve, CurveKind, Figure

BOUNDS = "bounds"
"""The name of the figure."""
WORDS = ("solid", "dashes", "dots", "dashes and dots")
"""The names of the dashes of `bench.report.figures.figure.DASHES`."""
EARLY = 0.1
"""The share of the picture's width in which bounds may exceed the scale."""


def instance_figure(results: Sequence[Result], instance: str | None) -> Figure:
    """Return the bounds over time of one instance; UsageError if none are known."""
    traced = [result for result in results if result.answer.trace]
    names = sorted({result.task.instance.label for result in traced})
    if not names:
        raise UsageError(
            "these results have no bounds over time; only the journals of sweeps and runs have them"
        )
    if instance not in names:
        wanted = "name one with --instance" if instance is None else f"no instance {instance!r}"
        raise UsageError(f"{wanted}; there are: {', '.join(names)}")
    return bounds_figure(
        instance, [result for result in traced if result.task.instance.label == instance]
    )


def bounds_figure(instance: str, results: Sequence[Result], settings: Sequence[str] = ()) -> Figure:
    """Return primal and dual bound over seconds of each task of an instance.

    ``settings`` has all settings in the order of their colours; by default the settings of the
    results, sorted by name. If there are several seeds, the dashes distinguish them. Bounds that
    are far off at the very beginning exceed the scale.
    """
    order = settings or sorted({result.task.setting.name for result in results})
    draws = sorted({(result.task.seed, result.task.permutation) for result in results})
    labels = _labels(draws)
    ends_s = [result.answer.trace[-1].time_s for result in results if result.answer.trace]
    early = EARLY * max(ends_s, default=0.0)
    curves: list[Curve] = []
    late: list[float] = []
    ends = []
    for result in sorted(results, key=lambda one: (order.index(one.task.setting.name), _draw(one))):
        name = " ".join(filter(None, (result.task.setting.name, labels[_draw(result)])))
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
                        dash=draws.index(_draw(result)) if len(draws) > 1 else None,
                        series=result.task.setting.name,
                    )
                )
            late += ys[max(0, bisect_right(xs, early) - 1) :]
        ends.append(f"{name} {result.verdict.category.value}")
    low, high = (min(late), max(late)) if late else (0.0, 0.0)
    room = 0.05 * (high - low)
    return Figure(
        title=f"Bounds of {instance} over time",
        x=Axis(label=f"seconds since the start of the solve{_dashes(draws, labels)}"),
        y=Axis(label="objective value", low=low - room, high=high + room)
        if high > low
        else Axis(label="objective value"),
        curves=tuple(curves),
        alternative=f"Primal and dual bound of {instance}; at the end: {', '.join(ends)}.",
    )


def _draw(result: Result) -> tuple[int, int]:
    return result.task.seed, result.task.permutation


def _labels(draws: Sequence[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """Return the names of seeds and permutations; nothing if there is only one."""
    permuted = len({permutation for _, permutation in draws}) > 1
    return {
        (seed, permutation): ""
        if len(draws) == 1
        else f"seed {seed}" + (f" permutation {permutation}" if permuted else "")
        for seed, permutation in draws
    }


def _dashes(draws: Sequence[tuple[int, int]], labels: Mapping[tuple[int, int], str]) -> str:
    """Return the dashes of the seeds, as a part of the axis' label."""
    if len(draws) == 1:
        return ""
    short = [labels[draw].removeprefix("seed ") for draw in draws]
    kinds = [
        f"{words} {', '.join(short[at :: len(WORDS)])}"
        for at, words in enumerate(WORDS[: len(draws)])
    ]
    return f" (seeds: {'; '.join(kinds)})"


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
