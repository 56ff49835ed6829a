"""A planned task: what is known of a task without its instance at hand."""

from __future__ import annotations

from dataclasses import dataclass

from bench.model.task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTask:
    """One planned task, by what a person knows it by; ``digest`` is that of its instance."""

    key: str
    instance: str
    digest: str
    setting: str
    seed: int
    permutation: int
    time_limit_s: float | None
    grace_s: float

    @property
    def name(self) -> str:
        """Instance, setting and what tells repetitions apart, e.g. ``pp08a / nocuts / seed 1``."""
        parts = [self.instance, self.setting]
        parts += [f"seed {self.seed}"] if self.seed else []
        parts += [f"permutation {self.permutation}"] if self.permutation else []
        return " / ".join(parts)

    @property
    def worst_s(self) -> float | None:
        """The longest that it can take in seconds, None without a time limit."""
        return None if self.time_limit_s is None else self.time_limit_s + self.grace_s


def planned_task(task: Task) -> PlannedTask:
    """Return what is kept of a task in plans."""
    return PlannedTask(
        key=task.key,
        instance=task.instance.label,
        digest=task.instance.digest,
        setting=task.setting.name,
        seed=task.seed,
        permutation=task.permutation,
        time_limit_s=task.limits.time_s,
        grace_s=task.limits.grace_s,
    )
