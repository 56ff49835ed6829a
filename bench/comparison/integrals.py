"""How early bounds were good, from the traces of solves.

Integrals of gaps over time (Berthold 2013), and times to a gap, all in seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bench.model.instances.problem import Sense
from bench.model.instances.reference import Known
from bench.model.results.result import Result
from bench.model.results.solver_output import GAP_PERCENTS, TracePoint, time_to_gap_column
from bench.model.results.verdict import Category

if TYPE_CHECKING:
    import pandas as pd


EPSILON = 1e-9
INFINITE = 1e20
"""A bound of at least this magnitude does not count, as in SCIP."""


def integral_gap(primal: float | None, dual: float | None) -> float:
    """Return the gap in [0, 1] for integrals.

    ``|p - d| / max(|p|, |d|)``; 1 without a bound or with different signs (also if one is zero), 0
    if both are equal to 1e-9. Berthold, Operations Research Letters 41 (2013), with SCIP's choice
    at zero.
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


def primal_integral(trace: Sequence[TracePoint], reference: float, horizon_s: float) -> float:
    """Return the integral of the gap between the primal bound and the best known value.

    Each point of the trace is valid until the next, the last one until ``horizon_s`` (the time
    limit, so that ending early without an answer gains nothing); before the first one the gap is 1.
    Times 100 it is in SCIP's percent x seconds. All settings need the same reference.
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


BELIEVED = frozenset({Category.SOLVED, Category.UNCONFIRMED, Category.LIMIT})


def integrals(
    subset: Sequence[Result], all_results: Sequence[Result]
) -> dict[str, dict[str, float]]:
    """Return ``primal_integral`` and ``dual_integral`` in seconds, each by the task's key.

    All results of an instance are compared with its reference, else with the best accepted solution
    in ``all_results``; without either, or without a trace, there is no integral. Each runs to the
    time limit, else to the longest solve of the instance.
    """
    values, horizons = _values(all_results), _horizons(all_results)
    found: dict[str, dict[str, float]] = {"primal_integral": {}, "dual_integral": {}}
    for result in subset:
        name, trace = _instance(result), result.answer.trace
        value = values.get(name)
        if value is not None and trace:
            key, horizon = result.task.key, horizons[name]
            found["primal_integral"][key] = primal_integral(trace, value, horizon)
            found["dual_integral"][key] = dual_integral(trace, value, horizon)
    return found


def times_to_gaps(results: Sequence[Result]) -> dict[str, dict[str, float]]:
    """Return the seconds to each gap by its column and the task's key, if it was reached."""
    found: dict[str, dict[str, float]] = {time_to_gap_column(each): {} for each in GAP_PERCENTS}
    for result in results:
        for percent, time_s in result.answer.times_to_gap_s.items():
            if time_s is not None:
                found[time_to_gap_column(percent)][result.task.key] = time_s
    return found


def trace_columns(
    subset: Sequence[Result], all_results: Sequence[Result]
) -> dict[str, dict[str, float]]:
    """Return all columns from traces, by column and the task's key; arguments as in `integrals`."""
    return integrals(subset, all_results) | times_to_gaps(subset)


def with_integrals(table: pd.DataFrame, results: Sequence[Result]) -> pd.DataFrame:
    """Return the table of these results (by ``key``) with the columns from their traces."""
    found = trace_columns(results, results)
    columns = {name: table["key"].map(by_key).astype("float64") for name, by_key in found.items()}
    return table.assign(**columns)


def _values(results: Sequence[Result]) -> dict[str, float]:
    values: dict[str, float] = {}
    for result in results:
        name, found = _instance(result), result.answer.primal_bound
        if found is not None and result.verdict.category in BELIEVED:
            better = max if _maximizes(result) else min
            values[name] = better(values.get(name, found), found)
    for result in results:
        reference = result.reference
        known = reference.value if reference and reference.known is Known.OPTIMAL else None
        if known is not None:
            values[_instance(result)] = known
    return values


def _horizons(results: Sequence[Result]) -> dict[str, float]:
    horizons: dict[str, float] = {}
    for result in results:
        name = _instance(result)
        trace = result.answer.trace
        end = max(result.answer.solve_time_s or 0.0, trace[-1].time_s if trace else 0.0)
        horizons[name] = max(horizons.get(name, 0.0), result.task.limits.time_s or end)
    return horizons


def _instance(result: Result) -> str:
    return result.task.instance.digest or result.task.instance.name


def _maximizes(result: Result) -> bool:
    problem = result.answer.problem
    return problem is not None and problem.sense is Sense.MAXIMIZE
