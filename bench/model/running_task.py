"""A running task and its progress."""

from __future__ import annotations

from dataclasses import dataclass

from bench.model.planned_task import PlannedTask
from bench.model.results.solver_output import TracePoint


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningTask:
    """A planned task that is being executed, and its progress.

    ``elapsed_s`` counts from the start of the solve, or from the start of the task while the
    instance is being read (``is_solving`` is False). ``bounds`` are the latest bounds that the
    solver reported, None if there are none yet. ``worker`` has the task if its progress is unknown
    because this worker sends all files at the end; ``elapsed_s`` then counts from when it got it.
    """

    planned: PlannedTask
    elapsed_s: float
    is_solving: bool
    bounds: TracePoint | None
    worker: str = ""

    @property
    def key(self) -> str:
        """The key of the task."""
        return self.planned.key
