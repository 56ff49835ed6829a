"""A planned task: the properties of a task that are known without its instance."""

from __future__ import annotations

from dataclasses import dataclass

from bench.model.limits import Clock, Limits
from bench.model.task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTask:
    """A planned task, with the names that users know; ``digest`` is the digest of its instance."""

    key: str
    instance: str
    digest: str
    setting: str
    seed: int
    permutation: int
    time_limit_s: float | None
    grace_s: float
    clock: Clock = Clock.WALL

    @property
    def name(self) -> str:
        """Instance, setting, and seed or permutation, e.g. ``pp08a / nocuts / seed 1``."""
        parts = [self.instance, self.setting]
        parts += [f"seed {self.seed}"] if self.seed else []
        parts += [f"permutation {self.permutation}"] if self.permutation else []
        return " / ".join(parts)

    @property
    def worst_s(self) -> float | None:
        """The longest possible duration in seconds, None without a time limit."""
        limits = Limits(time_s=self.time_limit_s, grace_s=self.grace_s, clock=self.clock)
        return limits.longest_s


def planned_task(task: Task) -> PlannedTask:
    """Return the properties of a task that plans store."""
    return PlannedTask(
        key=task.key,
        instance=task.instance.label,
        digest=task.instance.digest,
        setting=task.setting.name,
        seed=task.seed,
        permutation=task.permutation,
        time_limit_s=task.limits.time_s,
        grace_s=task.limits.grace_s,
        clock=task.limits.clock,
    )
