"""Integrals of bounds over time for all results of a study, against one value an instance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bench.comparison.summary.integrals import dual_integral, primal_integral
from bench.model.problem import Sense
from bench.model.reference import Known
from bench.model.result import Result
from bench.model.verdict import Category

if TYPE_CHECKING:
    import pandas as pd

BELIEVED = frozenset({Category.SOLVED, Category.UNVERIFIED, Category.LIMIT})


def integrals(own: Sequence[Result], everything: Sequence[Result]) -> dict[str, dict[str, float]]:
    """Return ``primal_integral`` and ``dual_integral`` in seconds, each by the task's key.

    The value that all results of an instance are held against is its reference, else the best
    solution in ``everything`` that is believed; without either, or without a trace, there is no
    integral. Each runs to the time limit, else to the longest solve of the instance.
    """
    values, horizons = _values(everything), _horizons(everything)
    found: dict[str, dict[str, float]] = {"primal_integral": {}, "dual_integral": {}}
    for result in own:
        name, trace = _instance(result), result.answer.trace
        value = values.get(name)
        if value is not None and trace:
            key, horizon = result.task.key, horizons[name]
            found["primal_integral"][key] = primal_integral(trace, value, horizon)
            found["dual_integral"][key] = dual_integral(trace, value, horizon)
    return found


def with_integrals(table: pd.DataFrame, results: Sequence[Result]) -> pd.DataFrame:
    """Return the table of these results (by ``key``) with both integrals filled in."""
    found = integrals(results, results)
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
