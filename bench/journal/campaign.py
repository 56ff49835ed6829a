"""A campaign as described by its folder: its plan, its store, its results."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Self

from bench.errors import UsageError
from bench.instances.instance_set import InstanceSet
from bench.journal import answers, manifest, origin
from bench.journal.journal import Journal
from bench.journal.manifest import MANIFEST, Manifest
from bench.journal.origin import ORIGIN, Origin
from bench.journal.provenance import machine_class_of
from bench.model.instances.instance import Instance
from bench.model.planned_task import PlannedTask
from bench.model.record_level import RecordLevel, strictest
from bench.model.results.result import Result
from bench.model.setting import Setting
from bench.model.task import Task
from bench.solvers.readers import code_base
from bench.store.run_keys import CAMPAIGN, CAMPAIGN_NAME, RECORD, digest_of, group_of
from bench.verification.consistency import reconsidered

RUN = "run"
SWEEP = "sweep"
TUNE = "tune"


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """The data of a campaign except its results; there is less without plan or origin.

    ``started_ms`` is since the epoch; ``command`` is the user's command line.
    """

    folder: Path
    campaign_id: str
    name: str
    kind: str
    command: str
    started_ms: int
    planned: Mapping[str, tuple[PlannedTask, ...]]
    manifest: Manifest | None
    origin: Origin | None

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the folder of a campaign.

        Without a plan, its id is the one stored with its origin, or derived from the first result,
        so that it is always the same. Raise UsageError for a plan that cannot be read, or that is
        lost and can be created again; TrackingError for a damaged journal.
        """
        plan, found = manifest.read(folder), origin.read(folder)
        known = plan or (found.identity if found else None)
        if plan is None and known is not None and known.kind in {SWEEP, TUNE}:
            raise UsageError(
                f"{folder / MANIFEST}: the plan file is missing; this command writes it again and "
                f"keeps the results: {shlex.join(known.command)}"
            )
        first = None if known else next(Journal(folder).results(), None)
        started_at = first.execution.started_at if first else 0.0
        planned: dict[str, list[PlannedTask]] = {}
        for task in plan.tasks if plan else ():
            planned.setdefault(task.setting, []).append(task)
        return cls(
            folder=folder.absolute(),
            campaign_id=known.campaign_id if known else id_by_result(first),
            name=known.name if known else folder.absolute().name,
            kind=known.kind if known else RUN,
            command=shlex.join(known.command) if known else "",
            started_ms=round(1000 * (known.created_at if known else started_at)),
            planned={name: tuple(tasks) for name, tasks in planned.items()},
            manifest=plan,
            origin=found,
        )

    @property
    def templates(self) -> tuple[Task, ...]:
        """One task of each planned setting, if they are known before the first result."""
        return self.origin.templates if self.origin else ()

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The planned settings, if they are known before the first result."""
        return self.manifest.settings if self.manifest else ()

    @property
    def record(self) -> RecordLevel:
        """The level of what may be uploaded to MLflow."""
        return record_level(self.folder, self.manifest, self.origin)

    @cached_property
    def keys(self) -> frozenset[str]:
        """The keys of all planned tasks."""
        return frozenset(task.key for tasks in self.planned.values() for task in tasks)

    def is_planned(self, task: Task) -> bool:
        """Return whether the present plan contains a task; without a plan, all count as planned."""
        return self.manifest is None or task.key in self.keys

    def tags(self, moment: float | None = None) -> dict[str, str]:
        """Return the tags of a run: the campaign, and the provenance of its process.

        The time is in seconds since the epoch; by default it is the last process.
        """
        found = self.origin
        provenance = (
            found.provenance_at(float("inf") if moment is None else moment) if found else {}
        )
        own = {CAMPAIGN: self.campaign_id, CAMPAIGN_NAME: self.name}
        if self.record is not RecordLevel.ALL:
            own[RECORD] = self.record.value
        return provenance | own

    def machine_of(self, result: Result) -> str | None:
        """Return the host and processor that executed a task, or None if they are unknown."""
        if result.execution.machine is not None:
            return result.execution.machine
        tags = self.tags(result.execution.started_at)
        names = [tags[name] for name in ("bench.host", "bench.cpu") if name in tags]
        return ", ".join(names) or None

    def machine_class_of(self, result: Result) -> str | None:
        """Return processor and cores of the machine that executed a task, None if unknown."""
        if result.execution.machine is not None:
            return result.execution.worker.machine_class
        tags = self.tags(result.execution.started_at)
        n_cores = tags.get("bench.cores_physical") or tags.get("bench.cores_logical")
        return machine_class_of(tags.get("bench.cpu"), n_cores) or None

    def columns_of(self, result: Result) -> dict[str, str | int | float | None]:
        """Return the columns of a result's row that only the campaign has."""
        looks = self.manifest.looks if self.manifest else None
        of_looks = looks.columns_of(result.task.instance) if looks else {}
        return {
            "machine": self.machine_of(result),
            "machine_class": self.machine_class_of(result),
            **of_looks,
        }

    def tasks_like(self, template: Task, known: Iterable[Task] = ()) -> tuple[Task, ...]:
        """Return all tasks of the template's setting: the planned ones, and other known ones."""
        planned = self.planned.get(template.setting.name, ())
        tasks: dict[str, Task] = {}
        if template.key in {task.key for task in planned}:
            instances = {
                (one.label, one.digest): one for one in self.instance_set([template]).instances
            }
            tasks = {one.key: _task(one, template, instances) for one in planned}
            if self.kind == TUNE:  # the same setting has other limits of time elsewhere
                tasks = {key: task for key, task in tasks.items() if task.key == key}
        tasks |= {task.key: task for task in (template, *known)}
        return tuple(tasks.values())

    def instance_set(self, tasks: Iterable[Task]) -> InstanceSet:
        """Return the instance set of the campaign if one of the tasks is planned, else theirs."""
        tasks = list(tasks)
        if self.origin and any(map(self.is_planned, tasks)):
            return self.origin.instance_set
        name = self.manifest.instance_set if self.manifest else self.name
        return InstanceSet.of(name, [task.instance for task in tasks])


def record_level(folder: Path, plan: Manifest | None, found: Origin | None) -> RecordLevel:
    """Return the level of what may be uploaded to MLflow: the strictest of plan and origin.

    If both exist and neither can be read, it excludes all files and texts.
    """
    levels = [one.record for one in (plan, found) if one is not None]
    if not levels and any((folder / name).exists() for name in (MANIFEST, ORIGIN)):
        return RecordLevel.NONE
    return strictest(*levels)


def id_by_result(first: Result | None) -> str:
    """Return the id of a campaign without a stored one: it is derived from its first result."""
    return digest_of([first] if first else [])


def held_together(folder: Path, results: Iterable[Result]) -> list[Result]:
    """Return results of a campaign, with verdicts that consider all results on their instances.

    They are compared with each other, and with those of other campaigns of the same work folder, as
    far as the index covers them (`bench.journal.answers`).
    """
    own = list(results)
    folder = folder.absolute()
    return across([*own, *answers.of_others(folder, own)])[: len(own)]


def across(results: Iterable[Result]) -> list[Result]:
    """Return results of any campaigns, compared with each other."""
    return reconsidered(results, code_base)


def by_group(results: Iterable[Result]) -> dict[str, list[Result]]:
    """Return the results of each setting run."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(group_of(result.task), []).append(result)
    return groups


def _task(
    planned: PlannedTask, template: Task, instances: Mapping[tuple[str, str], Instance]
) -> Task:
    unknown = Instance(name=planned.instance, path=Path(planned.instance), digest=planned.digest)
    return replace(
        template,
        instance=instances.get((planned.instance, planned.digest), unknown),
        seed=planned.seed,
        permutation=planned.permutation,
    )
