"""The forecast: how long what is left of a campaign may take."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from bench.model.planned_task import Planned
from bench.model.result import Result


@dataclass(frozen=True, slots=True)
class Left:
    """Seconds until the end; None where nothing is known (expected) or unlimited (worst)."""

    expected_s: float | None
    worst_s: float | None


class Forecast:
    """Learns from results while they come.

    A task is expected to take the median of what its instance has taken so far, or the median of
    everything where its instance is new; at worst it takes its time limit and the grace.
    ``jobs`` tasks go on at a time, evenly loaded.
    """

    def __init__(self, tasks: Iterable[Planned], jobs: int = 1) -> None:
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
        self.learn(result.task.instance.name, result.execution.wall_s)

    def expected_s(self, instance: str) -> float | None:
        """Return the seconds that a task on the instance is expected to take, None if unknown."""
        seen = self._seen.get(instance)
        return statistics.median(seen) if seen else None

    def left(self) -> Left:
        """Return how long the rest takes."""
        return Left(
            self._expected(), None if self._unlimited else max(0.0, self._worst) / self._jobs
        )

    def _expected(self) -> float | None:
        known = {name: self.expected_s(name) for name, n in self._n_of.items() if n}
        medians = [seconds for seconds in map(self.expected_s, self._seen) if seconds is not None]
        if not medians:
            return None if known else 0.0
        usual = statistics.median(medians)
        total = sum(
            self._n_of[name] * (usual if seconds is None else seconds)
            for name, seconds in known.items()
        )
        return total / self._jobs


def duration_text(seconds: float) -> str:
    """Return a duration for a person, e.g. ``45 s``, ``12 min``, ``3.5 h``, ``2.1 d``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:.1f} d"
