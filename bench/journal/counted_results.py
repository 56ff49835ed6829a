"""Which results of a campaign count: those of tasks in its present plan.

A sweep may be continued with another plan. The journal keeps all results. Those that the present
plan does not contain are excluded from all numbers, and count again if their tasks return.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bench.journal.attempts import counting
from bench.journal.campaign import Campaign, held_together
from bench.journal.journal import Journal
from bench.model.planned_task import PlannedTask
from bench.model.results.result import Result
from bench.model.setting import Setting
from bench.model.task import Task
from bench.store.run_keys import group_of

_NAMED = 3


class Cause(StrEnum):
    """Why the present plan does not contain a task that has a result."""

    SETTING_DROPPED = "setting dropped"
    SETTING_REDEFINED = "setting redefined"
    LIMIT_CHANGED = "limit changed"
    SOLVER_CHANGED = "solver version changed"
    INSTANCE_DROPPED = "instance dropped"
    CONTENT_CHANGED = "content changed"
    SEED_DROPPED = "seed dropped"
    PERMUTATION_DROPPED = "permutation dropped"
    TASK_DROPPED = "task dropped"

    def detail(self, task: Task) -> str:
        """Return the dropped or changed part: a setting, an instance, a seed or a permutation."""
        match self:
            case Cause.SEED_DROPPED:
                return str(task.seed)
            case Cause.PERMUTATION_DROPPED:
                return str(task.permutation)
            case Cause.INSTANCE_DROPPED | Cause.CONTENT_CHANGED | Cause.TASK_DROPPED:
                return task.instance.name
            case _:
                return task.setting.name


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The result of a task that the present plan does not contain."""

    result: Result
    cause: Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedResults:
    """The result of each task (`bench.journal.attempts`): those that count, and those left out.

    Verdicts of ``results`` are those of `bench.journal.campaign.held_together`; left-out results
    are not used against others.
    """

    campaign: str
    results: tuple[Result, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def counts(self) -> dict[Cause, int]:
        """The number of left-out results, by cause."""
        causes = [each.cause for each in self.left_out]
        return {cause: causes.count(cause) for cause in Cause if cause in causes}

    @property
    def lines(self) -> tuple[str, ...]:
        """One line with the number of left-out results and the reasons; none if all count."""
        if not self.left_out:
            return ()
        n = len(self.left_out)
        subject = f"{n} result{'s' * (n > 1)} of an earlier plan {'are' if n > 1 else 'is'}"
        reasons = (f"{n} {cause} ({self._details(cause)})" for cause, n in self.counts.items())
        return (f"{self.campaign}: {subject} left out: {', '.join(reasons)}",)

    def _details(self, cause: Cause) -> str:
        tasks = (each.result.task for each in self.left_out if each.cause is cause)
        details = list(dict.fromkeys(cause.detail(task) for task in tasks))
        more = [f"and {len(details) - _NAMED} more"] if len(details) > _NAMED else []
        return ", ".join([*details[:_NAMED], *more])


def counted_results(folder: Path) -> CountedResults:
    """Return the results of a campaign's folder, divided by its present plan.

    UsageError for a plan that cannot be read, TrackingError for a damaged journal.
    """
    return divide(Journal(folder).results(), Campaign.read(folder))


def left_out_lines(folder: Path) -> tuple[str, ...]:
    """Return the line about left-out results, without reading any result if all count."""
    campaign = Campaign.read(folder)
    if campaign.manifest is None or Journal(folder).finished() <= campaign.keys:
        return ()
    return divide(Journal(folder).results(), campaign).lines


def divide(results: Iterable[Result], campaign: Campaign) -> CountedResults:
    """Return results in the order of a journal, divided by the campaign's present plan.

    Without a plan all of them count.
    """
    found = counting(results).values()
    counted = [one for one in found if campaign.is_planned(one.task)]
    others = [one for one in found if not campaign.is_planned(one.task)]
    plan = _Plan(campaign)
    return CountedResults(
        campaign=campaign.name,
        results=tuple(held_together(campaign.folder, counted)),
        left_out=tuple(LeftOut(one, plan.cause(one.task)) for one in others),
    )


class _Plan:
    """A plan, searched for the fate of a task."""

    def __init__(self, campaign: Campaign) -> None:
        self._settings: Mapping[str, Setting] = {one.name: one for one in campaign.settings}
        self._tasks: Mapping[str, tuple[PlannedTask, ...]] = campaign.planned
        self._templates = {
            one.setting.name: one for one in campaign.templates if campaign.is_planned(one)
        }

    def cause(self, task: Task) -> Cause:
        """Return why the plan does not contain a task: its setting, else its place in the matrix.

        If the plan's limits are unknown, a task that differs in nothing else counts as one with
        other limits.
        """
        setting = self._settings.get(task.setting.name)
        if setting is None:
            return Cause.SETTING_DROPPED
        if (setting.solver, dict(setting.params)) != (
            task.setting.solver,
            dict(task.setting.params),
        ):
            return Cause.SETTING_REDEFINED
        template = self._templates.get(setting.name)
        if template is not None and group_of(template) != group_of(task):
            same_version = template.solver_version == task.solver_version
            return Cause.LIMIT_CHANGED if same_version else Cause.SOLVER_CHANGED
        return self._place(task, known_limits=template is not None)

    def _place(self, task: Task, *, known_limits: bool) -> Cause:
        planned = self._tasks.get(task.setting.name, ())
        digests = {one.digest for one in planned if one.instance == task.instance.name}
        if not digests:
            return Cause.INSTANCE_DROPPED
        if task.instance.digest not in digests:
            return Cause.CONTENT_CHANGED
        if task.seed not in {one.seed for one in planned}:
            return Cause.SEED_DROPPED
        if task.permutation not in {one.permutation for one in planned}:
            return Cause.PERMUTATION_DROPPED
        return Cause.TASK_DROPPED if known_limits else Cause.LIMIT_CHANGED
