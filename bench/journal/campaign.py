"""A campaign as its folder tells of it: what was planned, where it belongs, what has come of it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from bench.instances.instance_set import InstanceSet
from bench.journal import manifest, origin
from bench.journal.attempts import counting
from bench.journal.journal import Journal
from bench.journal.manifest import Manifest
from bench.journal.origin import Origin
from bench.model.instance import Instance
from bench.model.planned_task import PlannedTask
from bench.model.result import Result
from bench.model.setting import Setting
from bench.model.task import Task
from bench.store.run_keys import CAMPAIGN, digest_of, group_of
from bench.verification.consistency import reconsidered

RUN = "run"
SWEEP = "sweep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """What is known of a campaign beside its results; without plan or origin that is less.

    ``started_ms`` is since the epoch; ``command`` is what the user typed.
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

        Where there is no plan, its id is made from the first result, so that it is always the
        same. UsageError for a plan that cannot be read, TrackingError for a damaged journal.
        """
        plan = manifest.read(folder)
        first = None if plan else next(Journal(folder).results(), None)
        started_at = first.execution.started_at if first else 0.0
        planned: dict[str, list[PlannedTask]] = {}
        for task in plan.tasks if plan else ():
            planned.setdefault(task.setting, []).append(task)
        return cls(
            folder=folder.absolute(),
            campaign_id=plan.campaign_id if plan else digest_of([first] if first else []),
            name=plan.name if plan else folder.absolute().name,
            kind=plan.kind if plan else RUN,
            command=shlex.join(plan.command) if plan else "",
            started_ms=round(1000 * (plan.created_at if plan else started_at)),
            planned={name: tuple(tasks) for name, tasks in planned.items()},
            manifest=plan,
            origin=origin.read(folder),
        )

    @property
    def templates(self) -> tuple[Task, ...]:
        """One task of each planned setting, as far as they are known before the first result."""
        return self.origin.templates if self.origin else ()

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The planned settings, as far as they are known before the first result."""
        return self.manifest.settings if self.manifest else ()

    @property
    def keys(self) -> set[str]:
        """The keys of all planned tasks."""
        return {task.key for tasks in self.planned.values() for task in tasks}

    def tags(self, moment: float | None = None) -> dict[str, str]:
        """Return the tags of a run: the campaign, and what a moment's process worked with.

        The moment is in seconds since the epoch; not given it is the last process.
        """
        found = self.origin
        provenance = (
            found.provenance_at(float("inf") if moment is None else moment) if found else {}
        )
        return {**provenance, CAMPAIGN: self.campaign_id, "bench.campaign": self.name}

    def machine_of(self, result: Result) -> str | None:
        """Return the host and processor that executed a task, or None if they are not known."""
        tags = self.tags(result.execution.started_at)
        names = [tags[name] for name in ("bench.host", "bench.cpu") if name in tags]
        return ", ".join(names) or None

    def tasks_like(self, template: Task, known: Iterable[Task] = ()) -> tuple[Task, ...]:
        """Return all tasks of the template's setting: the planned ones, and known ones besides."""
        planned = self.planned.get(template.setting.name, ())
        tasks: dict[str, Task] = {}
        if template.key in {task.key for task in planned}:
            instances = {
                (one.name, one.digest): one for one in self.instance_set([template]).instances
            }
            tasks = {one.key: _task(one, template, instances) for one in planned}
        tasks |= {task.key: task for task in (template, *known)}
        return tuple(tasks.values())

    def instance_set(self, tasks: Iterable[Task]) -> InstanceSet:
        """Return the instance set of the campaign, else that of the tasks."""
        if self.origin:
            return self.origin.instance_set
        name = self.manifest.instance_set if self.manifest else self.name
        return InstanceSet.of(name, [task.instance for task in tasks])


def counting_results(results: Iterable[Result]) -> list[Result]:
    """Return the result of each task that counts, with verdicts over all of them together."""
    return reconsidered(counting(results).values())


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
