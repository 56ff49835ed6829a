"""The estimate: how much is to be executed, and how long it may take."""

from __future__ import annotations

import heapq
import statistics
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bench.model.planned_task import Planned


@dataclass(frozen=True, slots=True)
class Count:
    """How many tasks there are, and how many of them are finished."""

    n_tasks: int
    n_finished: int

    @property
    def n_left(self) -> int:
        """How many are to be executed."""
        return self.n_tasks - self.n_finished


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What is to be executed, and in how many seconds.

    ``worst_s`` is None where a task has no time limit, ``expected_s`` where nothing is known.
    """

    total: Count
    by_setting: Mapping[str, Count]
    by_instance: Mapping[str, Count]
    worst_s: float | None
    expected_s: float | None


def estimate(
    tasks: Sequence[Planned],
    finished: Collection[str],
    durations: Mapping[str, Sequence[float]],
    jobs: int = 1,
) -> Estimate:
    """Return counts, and the durations of what is left, in the order of the tasks.

    ``finished`` has keys; ``durations`` the seconds that tasks on an instance took, by its name.
    Each of ``jobs`` takes the next task as soon as it is free. A task takes its time limit and
    the grace at worst. It is expected to take the median of its instance, or the median over the
    instances where nothing is known of its own, and never more than at worst.
    """
    left = [task for task in tasks if task.key not in finished]
    medians = expected(durations)
    usual = statistics.median(medians.values()) if medians else None
    return Estimate(
        total=Count(len(tasks), len(tasks) - len(left)),
        by_setting=_counts(tasks, left, lambda task: task.setting),
        by_instance=_counts(tasks, left, lambda task: task.instance),
        worst_s=makespan([task.worst_s for task in left], jobs),
        expected_s=makespan([_expected_s(task, medians, usual) for task in left], jobs),
    )


def expected(durations: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Return the median duration of each instance that has one."""
    return {name: statistics.median(seconds) for name, seconds in durations.items() if seconds}


def makespan(durations: Iterable[float | None], jobs: int) -> float | None:
    """Return when the last of the tasks ends if each job takes the next one when it is free.

    None where one of the durations is None.
    """
    free = [0.0] * max(1, jobs)
    for seconds in durations:
        if seconds is None:
            return None
        heapq.heapreplace(free, free[0] + seconds)
    return max(free)


def _expected_s(task: Planned, medians: Mapping[str, float], usual: float | None) -> float | None:
    seconds = medians.get(task.instance, usual)
    if seconds is None or task.worst_s is None:
        return seconds
    return min(seconds, task.worst_s)


def _counts(
    tasks: Iterable[Planned], left: Iterable[Planned], label: Callable[[Planned], str]
) -> dict[str, Count]:
    remaining = Counter(map(label, left))
    return {name: Count(n, n - remaining[name]) for name, n in Counter(map(label, tasks)).items()}
