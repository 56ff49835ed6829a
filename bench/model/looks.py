"""Looks: the points, fixed in advance, at which a running sweep is compared."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bench.model.instances.instance import Instance
from bench.model.task import Task

LOOK = "look"
LAST_LOOK = "last_look"


class Until(StrEnum):
    """When a sweep ends.

    ``DECIDED``: as soon as each setting is better or worse than the baseline.
    ``DECIDED_OR_FUTILE``: or if it would probably remain undecided. ``END``: with its plan.
    """

    DECIDED = "decided"
    DECIDED_OR_FUTILE = "decided-or-futile"
    END = "end"


def identity(label: str, digest: str) -> str:
    """Return the identity of an instance: the digest of its file, else its name."""
    return digest or label


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """The looks of a sequential comparison.

    ``instances`` are the identities of all instances in the order of the comparison. ``sizes`` are
    the numbers of instances at the looks; the last look has all. ``tasks_digest`` is the digest of
    the planned tasks; with other tasks it is a different comparison. ``stop_if_futile`` also ends a
    sweep whose difference would probably remain undecided. ``stopped_at`` is the size of the look
    that ended the sweep, None if none has.
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
        """The size of the first look that includes an instance, by its identity."""
        return {
            one: next(size for size in self.sizes if at < size)
            for at, one in enumerate(self.instances)
        }

    def n_complete(self, waiting: Collection[str]) -> int:
        """Return how many instances, counted from the first, have all their results.

        ``waiting`` are the identities of instances that lack a result.
        """
        return next(
            (at for at, one in enumerate(self.instances) if one in waiting), len(self.instances)
        )

    def reached(self, n_complete: int) -> tuple[int, ...]:
        """Return the looks that are complete with this number of complete instances."""
        return tuple(size for size in self.sizes if size <= n_complete)

    def columns_of(self, instance: Instance) -> dict[str, int]:
        """Return the columns of an instance in the table of results; empty for other instances."""
        size = self.by_instance.get(identity(instance.label, instance.digest))
        return {} if size is None else {LOOK: size, LAST_LOOK: self.last}


def identities(tasks: Iterable[Task]) -> tuple[str, ...]:
    """Return the identities of the tasks' instances in order, without repetition."""
    each = (identity(task.instance.label, task.instance.digest) for task in tasks)
    return tuple(dict.fromkeys(each))
