"""The wall time of jobs: what tasks need, and what a user has asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from bench.errors import UsageError
from bench.execution.cluster.chunks import CHUNK_S
from bench.execution.process.request import hard_limits
from bench.model.task import Task

SPARE_S = 60.0
"""What a job needs besides its tasks: its start, and the check of the last solution."""
_TIME = re.compile(r"(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?")


def longest_s(tasks: Iterable[Task]) -> float | None:
    """Return how long the longest task takes at worst, None where one has no time limit."""
    longest = 0.0
    for task in tasks:
        seconds = hard_limits(task.limits).wall_s
        if seconds is None:
            return None
        longest = max(longest, seconds)
    return longest


def usual_s(tasks: Iterable[Task], chunk_s: float = CHUNK_S) -> float | None:
    """Return for how long to ask where the user has not said: None without time limits."""
    longest = longest_s(tasks)
    return None if longest is None else longest + chunk_s + SPARE_S


def check(tasks: Iterable[Task], wall_s: float, given: str) -> None:
    """Raise UsageError where jobs would end before their tasks do; ``given`` is the wall time."""
    for task in tasks:
        worst_s = hard_limits(task.limits).wall_s
        if worst_s is not None and worst_s + SPARE_S > wall_s:
            raise UsageError(
                f"a wall time of {given} is too short: a task with a time limit of "
                f"{task.limits.time_s:g} s may take {worst_s:g} s, and its job needs "
                f"{SPARE_S:g} s more; ask for {text(worst_s + SPARE_S)} or more"
            )


def parse(value: Any) -> float:
    """Return the seconds of a time as Slurm writes it; UsageError for another text.

    ``minutes``, ``minutes:seconds``, ``hours:minutes:seconds``, ``days-hours``,
    ``days-hours:minutes``, ``days-hours:minutes:seconds``.
    """
    if not isinstance(value, str):
        raise UsageError(
            f"queue option time: {value}: write it in quotes, such as time: '02:00:00'; YAML reads "
            "a time without them as a number"
        )
    match = _TIME.fullmatch(value.strip())
    if match is None:
        raise UsageError(f"queue option time: {value!r} is no time; write it as '02:00:00'")
    days, first, second, third = (None if part is None else int(part) for part in match.groups())
    if days is not None or third is not None:
        hours, minutes, seconds = first, second, third
    else:
        hours, minutes, seconds = 0, first, second
    total = (days or 0) * 86400 + (hours or 0) * 3600 + (minutes or 0) * 60 + (seconds or 0)
    return float(total)


def text(seconds: float) -> str:
    """Return a time as Slurm reads it, rounded up to whole minutes, e.g. ``02:00:00``."""
    minutes = -(-int(seconds + 0.999) // 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:00"
