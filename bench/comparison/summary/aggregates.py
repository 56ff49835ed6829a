"""Aggregates of one setting: the numbers in its row."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from bench.model.results.process_stats import Termination
from bench.model.results.result import Result
from bench.model.results.verdict import FAILURES, Category, VerdictKind
from bench.statistics.means import (
    NODE_SHIFT,
    TIME_CLIP_S,
    TIME_SHIFT_S,
    arithmetic_mean,
    shifted_geometric_mean,
)
from bench.verification import solutions

COUNTED = frozenset({Category.SOLVED, Category.UNCONFIRMED, Category.LIMIT})
"""Verdicts that means include; a wrong or failed result is never included."""


def aggregates(results: Sequence[Result]) -> dict[str, float]:
    """Return counts and means over all results of one setting, by the names used in MLflow.

    ``time_sgm1_s`` is the shifted geometric mean of the solving time (shift 1 s, each time at least
    0.5 s, as in SCIP's ``cmpres.awk``) over results that were solved or ended at a limit;
    ``nodes_sgm100`` the same for nodes (shift 100). ``par10_s`` is the mean time, where unsolved
    results count with ten times the time limit. A mean without values is left out. The mean time
    comes first, because MLflow then compares by it.
    """
    counted = [result for result in results if result.verdict.category in COUNTED]
    numbers: dict[str, float | None] = {
        "time_sgm1_s": shifted_geometric_mean(
            _known(time_s(r) for r in counted), TIME_SHIFT_S, TIME_CLIP_S
        ),
        "n_tasks": len(results),
        **_counts(results),
        "nodes_sgm100": shifted_geometric_mean(
            _known(r.answer.n_nodes for r in counted), NODE_SHIFT
        ),
        "par10_s": par(results, 10),
        "lp_iterations_total": _total(r.answer.n_lp_iterations for r in counted),
        "time_total_s": _total(time_s(r) for r in counted),
        "cpu_total_s": _total(r.execution.cpu_s for r in results),
        "memory_peak_mib": max((r.execution.peak_mib or 0 for r in results), default=0) or None,
        "primal_dual_integral_mean": arithmetic_mean(
            _known(r.answer.primal_dual_integral for r in counted)
        ),
    }
    return {name: value for name, value in numbers.items() if value is not None}


def time_s(result: Result) -> float | None:
    """Return the counted solving time: the time limit if time or memory ran out.

    Seconds by the task's clock. None if neither is known.
    """
    limit = result.task.limits.time_s
    ran_out = result.execution.termination in {Termination.TIME, Termination.MEMORY}
    if limit is not None and ran_out and not result.verdict.solved:
        return limit
    time = result.answer.solve_time_s
    return time if time is None or limit is None else min(time, limit)


def par(results: Iterable[Result], factor: float) -> float | None:
    """Return the penalised average runtime, or None if a time limit is missing."""
    times = []
    for result in results:
        solved, limit = result.verdict.solved, result.task.limits.time_s
        time = time_s(result) if solved else None if limit is None else factor * limit
        if time is None:
            return None
        times.append(time)
    return arithmetic_mean(times)


def cactus(results: Iterable[Result]) -> list[tuple[int, float]]:
    """Return (number of solved tasks, time of the slowest of them in seconds), ascending."""
    times = sorted(t for r in results if r.verdict.solved and (t := time_s(r)) is not None)
    return list(enumerate(times, start=1))


def _counts(results: Sequence[Result]) -> dict[str, float]:
    categories = [result.verdict.category for result in results]
    solved = sum(result.verdict.solved for result in results)
    timeouts = sum(result.verdict.kind is VerdictKind.TIME for result in results)
    return {
        "solved": solved,
        "solved_share": solved / len(results) if results else 0.0,
        "one_reader": sum(
            one.verdict.solved and solutions.one_reader(one.verification) for one in results
        ),
        "confirmed": categories.count(Category.SOLVED),
        "limits": categories.count(Category.LIMIT),
        "timeouts": timeouts,
        "wrong": categories.count(Category.WRONG),
        "failed": sum(result.verdict.failed for result in results),
        "disturbed": sum(result.execution.disturbed for result in results),
        **{category.value: categories.count(category) for category in sorted(FAILURES)},
    }


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _total(values: Iterable[float | None]) -> float | None:
    known = _known(values)
    return math.fsum(known) if known else None
