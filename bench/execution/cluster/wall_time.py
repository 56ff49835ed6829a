"""The wall time of jobs: the time that tasks need, and the time that a user requests."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from bench.errors import UsageError
from bench.execution.cluster.chunks import CHUNK_S
from bench.execution.cluster.orders import TaskOrder
from bench.execution.pairs import Pair, pair_of
from bench.execution.request import hard_limits
from bench.model.task import Task

SPARE_S = 60.0
"""The time that a job needs besides its tasks: its start, and the check of the last solution."""
MOST_ASKED_S = 24 * 3600.0
"""Not more is asked for unasked, so that all settings of a pair fit into one job."""
_TIME = re.compile(r"(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?")


def longest_s(tasks: Iterable[Task]) -> float | None:
    """Return the largest possible duration of a task, None if one has no time limit."""
    longest = 0.0
    for task in tasks:
        seconds = hard_limits(task.limits).wall_s
        if seconds is None:
            return None
        longest = max(longest, seconds)
    return longest


def usual_s(tasks: Sequence[Task], chunk_s: float = CHUNK_S) -> float | None:
    """Return the wall time to request by default: None without time limits.

    It is long enough for all settings of a pair, unless that is more than a day.
    """
    longest, pair_s = longest_s(tasks), longest_pair_s(tasks)
    if longest is None or pair_s is None:
        return None
    return max(longest + chunk_s, min(pair_s + SPARE_S, MOST_ASKED_S)) + SPARE_S


def longest_pair_s(tasks: Iterable[Task]) -> float | None:
    """Return how long all settings of a pair take at most, None if a task has no limit."""
    seconds: dict[Pair, float] = {}
    for task in tasks:
        worst_s = hard_limits(task.limits).wall_s
        if worst_s is None:
            return None
        seconds[pair_of(task)] = seconds.get(pair_of(task), 0.0) + worst_s
    return max(seconds.values(), default=0.0)


def split_warning(tasks: Iterable[Task], wall_s: float | None) -> str:
    """Return a warning if the settings of a pair may not fit into one job; empty if they do."""
    pair_s = longest_pair_s(tasks)
    if wall_s is None or pair_s is None or pair_s + 2 * SPARE_S <= wall_s:
        return ""
    return (
        "Warning: all settings of an instance with a seed may take "
        f"{text(pair_s + 2 * SPARE_S)}, and a job lasts {text(wall_s)}: settings of a pair may be "
        "measured on different machines, and bench compare leaves such pairs out if these are of "
        "different classes; ask for a longer wall time"
    )


def orders_that_fit(
    orders: Sequence[TaskOrder],
    wall_s: float | None,
    began: float,
    now: Callable[[], float] = time.time,
) -> Iterator[TaskOrder]:
    """Yield orders as long as they end before their job does, even in the worst case.

    The job began at that time and may last ``wall_s``. A pair is begun only if all its settings
    fit, so that one machine measures them; a pair that fits into no job is begun anyway.
    """
    for at, order in enumerate(orders):
        if not has_time(needed_s(orders, at, wall_s), wall_s, began, now):
            return
        yield order


def needed_s(orders: Sequence[TaskOrder], at: int, wall_s: float | None) -> float | None:
    """Return the time that a job must have left to begin an order; None if any is enough.

    For the first setting of a pair it is the time of all of them, if they fit into any job.
    """
    pair = pair_of(orders[at].task)
    is_first = not at or pair_of(orders[at - 1].task) != pair
    rest = [one.task for one in orders[at:] if pair_of(one.task) == pair]
    all_s, one_s = _worst_s(rest), _worst_s(rest[:1])
    is_too_long = wall_s is not None and all_s is not None and all_s + 2 * SPARE_S > wall_s
    return all_s if is_first and not is_too_long else one_s


def has_time(
    needed_s: float | None,
    wall_s: float | None,
    began: float,
    now: Callable[[], float] = time.time,
) -> bool:
    """Return whether a job that began at a given time has this many seconds left."""
    if wall_s is None or needed_s is None:
        return True
    return now() + needed_s <= began + wall_s - SPARE_S / 2


def _worst_s(tasks: Iterable[Task]) -> float | None:
    known = [hard_limits(task.limits).wall_s for task in tasks]
    seconds = [each for each in known if each is not None]
    return sum(seconds) if len(seconds) == len(known) else None


def check(tasks: Iterable[Task], wall_s: float, given: str) -> None:
    """Raise UsageError if jobs would end before their tasks do; ``given`` is the wall time."""
    for task in tasks:
        worst_s = hard_limits(task.limits).wall_s
        if worst_s is not None and worst_s + SPARE_S > wall_s:
            raise UsageError(
                f"a wall time of {given} is too short: a task with a time limit of "
                f"{task.limits.time_s:g} s may take {worst_s:g} s, and its job needs "
                f"{SPARE_S:g} s more; ask for {text(worst_s + SPARE_S)} or more"
            )


def parse(value: Any, option: str = "time") -> float:
    """Return the seconds of a duration in Slurm's notation; UsageError for another text.

    ``option`` is the name by which a user has set it.

    ``minutes``, ``minutes:seconds``, ``hours:minutes:seconds``, ``days-hours``,
    ``days-hours:minutes``, ``days-hours:minutes:seconds``.
    """
    if not isinstance(value, str):
        raise UsageError(
            f"queue option {option}: {value}: write it in quotes, such as {option}: '02:00:00'; "
            "YAML reads a time without them as a number"
        )
    match = _TIME.fullmatch(value.strip())
    if match is None:
        raise UsageError(f"queue option {option}: {value!r} is not a time; write it as '02:00:00'")
    days, first, second, third = (None if part is None else int(part) for part in match.groups())
    if days is not None or third is not None:
        hours, minutes, seconds = first, second, third
    else:
        hours, minutes, seconds = 0, first, second
    total = (days or 0) * 86400 + (hours or 0) * 3600 + (minutes or 0) * 60 + (seconds or 0)
    return float(total)


def text(seconds: float) -> str:
    """Return a duration in Slurm's notation, rounded up to whole minutes, e.g. ``02:00:00``."""
    minutes = -(-int(seconds + 0.999) // 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:00"
