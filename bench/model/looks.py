"""Looks: after how many instances a sweep is compared while it goes on, fixed before it begins."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from bench.model.instances.instance import Instance
from bench.model.task import Task

LOOK = "look"
LAST_LOOK = "last_look"


def identity(label: str, digest: str) -> str:
    """Return what tells an instance from others: what is in its file, else its name."""
    return digest or label


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """The looks of a sequential comparison.

    ``instances`` are the identities of all instances in the order in which they are taken in, and
    ``sizes`` how many of them each look has; the last look has all. ``tasks_digest`` is that of
    the planned tasks: with other tasks it is another comparison. ``stop_if_futile`` also ends a
    sweep whose difference would probably stay undecided. ``stopped_at`` is the size of the look
    that ended the sweep, None as long as none did.
    """

    instances: tuple[str, ...]
    sizes: tuple[int, ...]
    tasks_digest: str
    stop_if_futile: bool = False
    stopped_at: int | None = None

    @property
    def last(self) -> int:
        """The number of all instances."""
        return len(self.instances)

    @property
    def by_instance(self) -> Mapping[str, int]:
        """The size of the first look that has an instance, by its identity."""
        return {
            one: next(size for size in self.sizes if at < size)
            for at, one in enumerate(self.instances)
        }

    def n_complete(self, waiting: Collection[str]) -> int:
        """Return how many instances, from the first on, have all their results.

        ``waiting`` are the identities of those that lack one.
        """
        return next(
            (at for at, one in enumerate(self.instances) if one in waiting), len(self.instances)
        )

    def reached(self, n_complete: int) -> tuple[int, ...]:
        """Return the looks that so many complete instances allow."""
        return tuple(size for size in self.sizes if size <= n_complete)

    def columns_of(self, instance: Instance) -> dict[str, int]:
        """Return what stands in the table of results for an instance; nothing for another one."""
        size = self.by_instance.get(identity(instance.label, instance.digest))
        return {} if size is None else {LOOK: size, LAST_LOOK: self.last}


def identities(tasks: Iterable[Task]) -> tuple[str, ...]:
    """Return the identities of the tasks' instances, each once, in their order."""
    each = (identity(task.instance.label, task.instance.digest) for task in tasks)
    return tuple(dict.fromkeys(each))
