"""How long it takes: the estimate of a plan, and the forecast while results come."""

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
    """How many tasks there are, how many of them are finished, and how long the others take.

    ``expected_s`` is the sum over the tasks that are left, None where that is not known.
    """

    n_tasks: int
    n_finished: int
    expected_s: float | None = None

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
    tasks: Sequence[PlannedTask],
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
    """Return when the last of the tasks ends if each job takes the next one when it is free.

    None where one of the durations is None.
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
    """Seconds until the end; None where nothing is known (expected) or unlimited (worst)."""

    expected_s: float | None
    worst_s: float | None


class Forecast:
    """Learns from results while they come.

    A task is expected to take the median of what its instance has taken so far, or the median of
    everything where its instance is new; at worst it takes its time limit and the grace.
    ``jobs`` tasks go on at a time, evenly loaded.
    """

    def __init__(self, tasks: Iterable[PlannedTask], jobs: int = 1) -> None:
        """Begin with the tasks that are still to be executed."""
        self._left = {task.key: task for task in tasks}
        self._n_of = Counter(task.instance for task in self._left.values())
        self._seen: defaultdict[str, list[float]] = defaultdict(list)
        self._jobs = max(1, jobs)
        worst = [task.worst_s for task in self._left.values()]
        self._unlimited = None in worst
        self._worst = sum(seconds for seconds in worst if seconds is not None)

    @property
    def n_tasks(self) -> int:
        """How many tasks are left."""
        return len(self._left)

    def learn(self, instance: str, seconds: float) -> None:
        """Hear how long a task on an instance took, in this campaign or before."""
        self._seen[instance].append(seconds)

    def done(self, result: Result) -> None:
        """Take a task off, and learn from it."""
        task = self._left.pop(result.task.key, None)
        if task is not None:
            self._n_of[task.instance] -= 1
            self._worst -= task.worst_s or 0.0
        self.learn(result.task.instance.label, result.execution.wall_s)

    def expected_s(self, instance: str) -> float | None:
        """Return the seconds that a task on the instance is expected to take, None if unknown."""
        seen = self._seen.get(instance)
        return statistics.median(seen) if seen else None

    def left(self, running: Mapping[str, float] = MappingProxyType({})) -> TimeLeft:
        """Return how long the rest takes.

        ``running`` has the seconds that running tasks have taken so far, by their keys. One that
        has taken longer than expected by some time is expected to take as much time again.
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
        """Return by how much a running task changes what is left: minus what it has taken."""
        usual = self.expected_s(self._left[key].instance)
        usual = self._usual() if usual is None else usual
        return 0.0 if usual is None else abs(usual - spent_s) - usual

    def _usual(self) -> float | None:
        """Return the median over the instances, None where nothing is known."""
        medians = [seconds for seconds in map(self.expected_s, self._seen) if seconds is not None]
        return statistics.median(medians) if medians else None

    def _expected(self) -> float | None:
        """Return the expected seconds of all tasks that are left, one after the other."""
        known = {name: self.expected_s(name) for name, n in self._n_of.items() if n}
        usual = self._usual()
        if usual is None:
            return None if known else 0.0
        return sum(
            self._n_of[name] * (usual if seconds is None else seconds)
            for name, seconds in known.items()
        )


def duration_text(seconds: float) -> str:
    """Return a duration for a person, e.g. ``45 s``, ``12 min``, ``3.5 h``, ``2.1 d``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:.1f} d"
