"""Durations: the estimate of a plan, and the forecast while results arrive."""

from __future__ import annotations

import heapq
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from bench.model.planned_task import PlannedTask
from bench.model.results.result import Result


@dataclass(frozen=True, slots=True)
class Count:
    """The number of tasks, of finished tasks, and the duration of the others.

    ``expected_s`` is the sum over the remaining tasks, None if it is unknown.
    """

    n_tasks: int
    n_finished: int
    expected_s: float | None = None

    @property
    def n_left(self) -> int:
        """The number of tasks to execute."""
        return self.n_tasks - self.n_finished


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The tasks to execute, and their duration in seconds.

    ``worst_s`` is None if a task has no time limit, ``expected_s`` if nothing is known.
    """

    total: Count
    by_setting: Mapping[str, Count]
    by_instance: Mapping[str, Count]
    worst_s: float | None
    expected_s: float | None


def estimate(
    tasks: Sequence[PlannedTask],
    finished: Collection[str],
    durations: Mapping[str, Sequence[float]],
    jobs: int = 1,
) -> Estimate:
    """Return counts, and the durations of the remaining tasks, in their order.

    ``finished`` has keys; ``durations`` the seconds of tasks on an instance, by its name. Each of
    ``jobs`` takes the next task as soon as it is free. In the worst case, a task takes its time
    limit and the grace. It is expected to take the median of its instance, or the median over the
    instances if its own is unknown, but never more than in the worst case.
    """
    left = [task for task in tasks if task.key not in finished]
    medians = expected(durations)
    usual = statistics.median(medians.values()) if medians else None
    seconds = {task.key: _expected_s(task, medians, usual) for task in left}
    return Estimate(
        total=Count(len(tasks), len(tasks) - len(left)),
        by_setting=_counts(tasks, left, lambda task: task.setting, seconds),
        by_instance=_counts(tasks, left, lambda task: task.instance, seconds),
        worst_s=makespan([task.worst_s for task in left], jobs),
        expected_s=makespan(seconds.values(), jobs),
    )


def expected(durations: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Return the median duration of each instance that has one."""
    return {name: statistics.median(seconds) for name, seconds in durations.items() if seconds}


def makespan(durations: Iterable[float | None], jobs: int) -> float | None:
    """Return when the last task ends if each job takes the next one when it is free.

    None if one of the durations is None.
    """
    free = [0.0] * max(1, jobs)
    for seconds in durations:
        if seconds is None:
            return None
        heapq.heapreplace(free, free[0] + seconds)
    return max(free)


def _expected_s(
    task: PlannedTask, medians: Mapping[str, float], usual: float | None
) -> float | None:
    seconds = medians.get(task.instance, usual)
    if seconds is None or task.worst_s is None:
        return seconds
    return min(seconds, task.worst_s)


def _counts(
    tasks: Iterable[PlannedTask],
    left: Iterable[PlannedTask],
    label: Callable[[PlannedTask], str],
    seconds: Mapping[str, float | None],
) -> dict[str, Count]:
    remaining: dict[str, list[float | None]] = {}
    for task in left:
        remaining.setdefault(label(task), []).append(seconds[task.key])
    return {
        name: Count(n, n - len(remaining.get(name, ())), _sum(remaining.get(name, ())))
        for name, n in Counter(map(label, tasks)).items()
    }


def _sum(seconds: Iterable[float | None]) -> float | None:
    total = 0.0
    for each in seconds:
        if each is None:
            return None
        total += each
    return total


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """Seconds until the end; None if nothing is known (expected) or unlimited (worst)."""

    expected_s: float | None
    worst_s: float | None


class Forecast:
    """Learns from results as they arrive.

    A task is expected to take the median of its instance's tasks so far, or the median of all if
    its instance is new; in the worst case it takes its time limit and the grace. ``jobs`` tasks run
    at a time, evenly loaded.
    """

    def __init__(self, tasks: Iterable[PlannedTask], jobs: int = 1) -> None:
        """Begin with the remaining tasks."""
        self._left = {task.key: task for task in tasks}
        self._n_of = Counter(task.instance for task in self._left.values())
        self._seen: defaultdict[str, list[float]] = defaultdict(list)
        self._jobs = max(1, jobs)
        worst = [task.worst_s for task in self._left.values()]
        self._unlimited = None in worst
        self._worst = sum(seconds for seconds in worst if seconds is not None)

    @property
    def n_tasks(self) -> int:
        """The number of remaining tasks."""
        return len(self._left)

    def learn(self, instance: str, seconds: float) -> None:
        """Add the duration of a task on an instance, in this campaign or before."""
        self._seen[instance].append(seconds)

    def done(self, result: Result) -> None:
        """Remove a finished task, and learn from it."""
        task = self._left.pop(result.task.key, None)
        if task is not None:
            self._n_of[task.instance] -= 1
            self._worst -= task.worst_s or 0.0
        self.learn(result.task.instance.label, result.execution.wall_s)

    def expected_s(self, instance: str) -> float | None:
        """Return the expected seconds of a task on the instance, None if unknown."""
        seen = self._seen.get(instance)
        return statistics.median(seen) if seen else None

    def left(self, running: Mapping[str, float] = MappingProxyType({})) -> TimeLeft:
        """Return the remaining time.

        ``running`` has the seconds of running tasks so far, by their keys. A task that exceeds its
        expected duration by some time is expected to take that much time again.
        """
        known = {key: spent for key, spent in running.items() if key in self._left}
        at_a_time = max(1, min(self._jobs, len(self._left)))
        worst = None
        if not self._unlimited:
            worst = max(0.0, self._worst - sum(known.values())) / at_a_time
        expected = self._expected()
        if expected is None:
            return TimeLeft(None, worst)
        changes = (self._change(key, spent) for key, spent in known.items())
        expected = max(0.0, expected + sum(changes)) / at_a_time
        return TimeLeft(expected if worst is None else min(expected, worst), worst)

    def _change(self, key: str, spent_s: float) -> float:
        """Return the effect of a running task on the remaining time: minus what it has taken."""
        usual = self.expected_s(self._left[key].instance)
        usual = self._usual() if usual is None else usual
        return 0.0 if usual is None else abs(usual - spent_s) - usual

    def _usual(self) -> float | None:
        """Return the median over the instances, None if nothing is known."""
        medians = [seconds for seconds in map(self.expected_s, self._seen) if seconds is not None]
        return statistics.median(medians) if medians else None

    def _expected(self) -> float | None:
        """Return the expected seconds of all remaining tasks, one after the other."""
        known = {name: self.expected_s(name) for name, n in self._n_of.items() if n}
        usual = self._usual()
        if usual is None:
            return None if known else 0.0
        return sum(
            self._n_of[name] * (usual if seconds is None else seconds)
            for name, seconds in known.items()
        )


def duration_text(seconds: float) -> str:
    """Return a readable duration, e.g. ``45 s``, ``12 min``, ``3.5 h``, ``2.1 d``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:.1f} d"
