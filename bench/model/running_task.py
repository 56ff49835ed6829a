"""A task that is being executed, as far as it has come."""

from __future__ import annotations

from dataclasses import dataclass

from bench.model.planned_task import PlannedTask
from bench.model.results.solver_output import TracePoint


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningTask:
    """A planned task that is being executed, and how far it has come.

    ``elapsed_s`` counts from the start of the solve, while the instance is still being read
    (``is_solving`` is False) from the start of the task. ``bounds`` are the latest that the solver
    has told, None where it tells none or has none yet.
    """

    planned: PlannedTask
    elapsed_s: float
    is_solving: bool
    bounds: TracePoint | None

    @property
    def key(self) -> str:
        """The key of the task."""
        return self.planned.key
