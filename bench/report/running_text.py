"""A task in one line during a campaign: a running one, or one that has just ended."""

from __future__ import annotations

from bench.model.limits import Clock
from bench.model.planned_task import planned_task
from bench.model.printable import escaped
from bench.model.results.result import Result
from bench.model.running_task import RunningTask
from bench.planning.estimate import duration_text
from bench.report.tables import PLAIN

SECONDS_BELOW = 600.0
"""Below this, a running clock shows whole seconds."""


def running_text(task: RunningTask) -> str:
    """Return name, time, bounds and gap.

    E.g. ``pp08a / nocuts / seed 1  12 s of 60  primal 7350  dual 7301.25  gap 0.7 %``.
    """
    return "  ".join([escaped(task.planned.name), _time(task), *_bounds(task)])


def result_text(result: Result) -> str:
    """Return name, status, value and time of a task that has ended, and its problem.

    E.g. ``pp08a / nocuts / seed 1: optimal 7350, 1.24 s``.
    """
    answer = result.answer
    task = planned_task(result.task)
    value = "" if answer.primal_bound is None else f" {PLAIN.number(answer.primal_bound, 8)}"
    seconds = result.execution.wall_s if answer.solve_time_s is None else answer.solve_time_s
    status = f"{answer.status or result.execution.termination.value}{value}, {seconds:.2f} s"
    if result.verdict.bad:
        status += f", {result.verdict.category.value}: {result.verdict.reason}"
    return f"{escaped(task.name)}: {status}"


def _time(task: RunningTask) -> str:
    elapsed = f"{task.elapsed_s:.0f} s"
    if task.elapsed_s >= SECONDS_BELOW:
        elapsed = duration_text(task.elapsed_s)
    if task.worker:
        return f"sent {elapsed} ago to {escaped(task.worker)}, which reports no progress"
    if not task.is_solving:
        return f"reading for {elapsed}"
    limit_s = task.planned.time_limit_s
    if limit_s is None:
        return elapsed
    in_seconds = max(task.elapsed_s, limit_s) < SECONDS_BELOW
    limit = f"{limit_s:g}" if in_seconds else duration_text(limit_s)
    if task.planned.clock is Clock.CPU:
        return f"{elapsed}, limit {limit}{' s' * in_seconds} of CPU time"
    return f"{elapsed} of {limit}"


def _bounds(task: RunningTask) -> list[str]:
    bounds = task.bounds
    if bounds is None:
        return []
    primal, dual = bounds.primal_bound, bounds.dual_bound
    parts = [f"primal {PLAIN.number(primal, 8)}"] if primal is not None else []
    parts += [f"dual {PLAIN.number(dual, 8)}"] if dual is not None else []
    if primal is not None and dual is not None:
        parts.append(f"gap {100 * bounds.gap:.3g} %")
    return parts
