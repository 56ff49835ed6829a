"""Pairs of an instance and a seed, and the machines that execute them."""

from __future__ import annotations

from dataclasses import dataclass

from bench.model.task import Task

Pair = tuple[str, str, int, int]
"""The label and the digest of an instance, a seed, and a permutation."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Host and processor of a machine, and its class; each is empty if it is unknown."""

    name: str
    machine_class: str

    @property
    def text(self) -> str:
        """Its class if it is known, else its name."""
        return self.machine_class or self.name

    def is_like(self, other: Machine) -> bool:
        """Return whether results of both may be compared: the same machine, or the same class."""
        if self.machine_class and other.machine_class:
            return self.machine_class == other.machine_class
        return self.name == other.name


def pair_of(task: Task) -> Pair:
    """Return the properties that the tasks of a pair have in common."""
    return task.instance.label, task.instance.digest, task.seed, task.permutation
