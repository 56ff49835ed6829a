"""The page's rows of instances, and the figure of each: its bounds over time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pandas as pd

from bench.model.instances.problem import ProblemStatistics
from bench.model.results.result import Result
from bench.model.results.solver_output import TracePoint
from bench.report.figures.bounds import bounds_figure
from bench.report.figures.drawing import Drawing, drawing
from bench.report.page.cells import MISSING, count, known, number, percent
from bench.report.tables import Cells

MOST = 100
"""The largest number of points of a trace."""
LEAST = 12
ROOM = 50_000
"""The total number of points of all traces, as long as each keeps the least number."""


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
            traced.setdefault(result.task.instance.label, []).append(short)
    return {name: drawing(bounds_figure(name, own, order)) for name, own in sorted(traced.items())}


def longest(results: Sequence[Result]) -> str | None:
    """Return the instance with the longest trace; None without any."""
    ends = [
        (-result.answer.trace[-1].time_s, result.task.instance.label)
        for result in results
        if result.answer.trace
    ]
    return min(ends)[1] if ends else None


def thinned(trace: Sequence[TracePoint], most: int) -> tuple[TracePoint, ...]:
    """Return at most this many points: the ends, and those where a bound changes."""
    if len(trace) <= 2:
        return tuple(trace)
    changes = [after for before, after in pairwise(trace[:-1]) if _bounds(before) != _bounds(after)]
    room = most - 2
    if len(changes) > room:
        changes = [changes[at * len(changes) // room] for at in range(room)]
    return (trace[0], *changes, trace[-1])


def _bounds(point: TracePoint) -> tuple[float | None, float | None]:
    return point.primal_bound, point.dual_bound


HEADER = (
    *("instance", "columns", "binary", "integer", "continuous", "rows", "non-zeros", "density"),
    *("constraint classes", "reference", "value", "solved"),
)
COUNTS = ("n_vars", "n_bins", "n_ints", "n_conts", "n_conss", "n_nonzeros")
SOLVED = ("solved", "solved_unconfirmed")
N_CLASSES = 3


def instance_rows(table: pd.DataFrame, results: Sequence[Result]) -> tuple[Cells, ...]:
    """Return a row per instance, by name; constraint classes are known only from journals."""
    problems = {
        result.task.instance.label: result.answer.problem
        for result in results
        if result.answer.problem is not None
    }
    first = table.groupby("instance", sort=True, observed=True).first()
    solved = table["verdict"].isin(SOLVED).groupby(table["instance"]).agg(["sum", "size"])
    rows = []
    for name, values in zip(first.index, first.to_dict("records"), strict=True):
        done = f"{int(solved['sum'][name])} of {int(solved['size'][name])}"
        rows.append((*_cells(str(name), values, problems.get(str(name))), done))
    return tuple(rows)


def _cells(
    name: str, values: Mapping[Any, Any], problem: ProblemStatistics | None
) -> tuple[str, ...]:
    sizes = [values.get(each) for each in ("n_nonzeros", "n_vars", "n_conss")]
    n_nonzeros, n_vars, n_rows = (float(each) if known(each) else math.nan for each in sizes)  # type: ignore[arg-type]
    density = n_nonzeros / (n_vars * n_rows) if n_vars and n_rows else None
    return (
        name,
        *(count(values.get(each)) for each in COUNTS),
        percent(density),
        _classes(problem),
        values["reference"] if known(values.get("reference")) else MISSING,
        number(values.get("reference_value"), 8),
    )


def _classes(problem: ProblemStatistics | None) -> str:
    known_classes = sorted(problem.classes.items(), key=lambda each: -each[1]) if problem else []
    return ", ".join(f"{n} {name}" for name, n in known_classes[:N_CLASSES] if n) or MISSING
