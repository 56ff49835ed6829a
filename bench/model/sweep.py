"""A sweep: the declared matrix of tasks, every name and value in it checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bench.model.limits import Limits
from bench.model.setting import Setting


class TaskOrder(StrEnum):
    """The order of tasks: instances shuffled, or as listed.

    In both, the settings of one instance, seed and permutation are next to each other.
    """

    INTERLEAVED = "interleaved"
    GIVEN = "given"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Settings x instances x seeds x permutations, and the limits of each setting.

    ``limits`` has an entry for every setting, by its name, because limits may differ between
    settings. ``instances`` are the arguments that name them: files, folders, globs, ``.test``
    lists. ``baseline`` is the name of one of the settings, or None.
    """

    name: str
    settings: tuple[Setting, ...]
    limits: Mapping[str, Limits]
    instances: tuple[str, ...]
    seeds: tuple[int, ...] = (0,)
    permutations: tuple[int, ...] = (0,)
    baseline: str | None = None
    order: TaskOrder = TaskOrder.INTERLEAVED
    shuffle_seed: int = 0
    solu: tuple[Path, ...] = ()

    @property
    def solvers(self) -> tuple[str, ...]:
        """The solvers of the sweep in the order of the settings, without repetition."""
        return tuple(dict.fromkeys(setting.solver for setting in self.settings))
