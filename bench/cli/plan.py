"""From checked options to a plan: what will be executed, on what, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.instances import solu
from bench.instances.files import find
from bench.model.limits import Limits
from bench.model.reference import Reference
from bench.model.setting import Setting
from bench.model.task import Task
from bench.planning.tasks import tasks
from bench.tracking.instance_set import InstanceSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The tasks of one or more settings over one instance set."""

    settings: tuple[Setting, ...]
    instance_set: InstanceSet
    tasks: tuple[Task, ...]
    references: Mapping[str, Reference]
    modules: frozenset[str]

    @property
    def executable(self) -> bool:
        """Whether there is any task that can be executed at all."""
        return any(task.instance.defect is None for task in self.tasks)


def plan(  # noqa: PLR0913  each is one decision of the user
    *,
    settings: Sequence[Setting],
    words: Sequence[str],
    seeds: Sequence[int],
    limits: Limits,
    versions: Mapping[str, str],
    modules: frozenset[str],
    solu_files: Sequence[Path],
) -> Plan:
    """Find the instances and their references, and lay out the tasks.

    A reference from ``solu_files`` goes over one from a ``.solu`` file beside the instances.
    """
    instances = find(words)
    usable = [instance.path for instance in instances if instance.defect is None]
    return Plan(
        settings=tuple(settings),
        instance_set=InstanceSet.of(set_name(words, len(instances)), instances),
        tasks=tuple(tasks(instances, settings, seeds, limits, versions)),
        references=solu.read([*solu.beside(usable), *solu_files]),
        modules=modules,
    )


def set_name(words: Sequence[str], n_instances: int) -> str:
    """Return a name for the instance set, after what the user typed.

    E.g. ``instances/quick.test`` -> ``quick``, three files -> ``3 instances``.
    """
    if len(words) == 1:
        return Path(words[0]).name.removesuffix(".test") or words[0]
    return f"{n_instances} instances"
