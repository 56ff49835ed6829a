"""Upload the content of a campaign's folder to a store, each result exactly once.

Running campaigns, continued ones and ``bench sync`` all use this module; there is no other way from
a result to MLflow. Without a folder, `correction` updates verdicts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench.journal import manifest
from bench.journal.campaign import SWEEP as SWEEP_KIND
from bench.journal.campaign import Campaign, by_group
from bench.journal.counted_results import CountedResults, divide
from bench.journal.journal import Journal
from bench.model.results.result import Result
from bench.model.task import Task
from bench.store.failure import RefusedError
from bench.store.run_keys import SWEEP, RecordId, RunKey, attempt, digest_of, group_of, task_run_key
from bench.tracking.idempotent_writer import IdempotentWriter
from bench.tracking.record_store import RecordStore
from bench.tracking.records.record import Record
from bench.tracking.records.record_builder import RecordBuilder, status_of
from bench.tracking.run_metrics import MetricsBuilder
from bench.tracking.ui.overview import Overview, choices, slow_enough_s
from bench.verification.withhold import withhold_texts


class CampaignSync:
    """Uploads one campaign to one store, in any number of steps.

    Any method that talks to the store may raise TrackingError; called again, later and with a new
    connection, it continues where it stopped. Records that the store refuses are set aside and
    tried again at the end. Only one process may do this: the caller holds the journal's lock.
    """

    def __init__(self, folder: Path, metrics_builder: MetricsBuilder) -> None:
        """Read the folder; TrackingError or UsageError if it cannot be read."""
        self.campaign = Campaign.read(folder)
        self.n_delivered = 0
        self.n_new = 0
        self.n_already = 0
        self.n_revised = 0
        self.refused: dict[RunKey, str] = {}
        self._metrics_builder = metrics_builder
        origin = self.campaign.origin
        self._tasks_have_runs = origin is None or origin.tasks_in_mlflow
        self._builder = RecordBuilder(self.campaign)
        self._has_texts = self.campaign.record.has_texts
        self._journal = Journal(folder)
        self._writer = IdempotentWriter(self.campaign.campaign_id)
        self._offset = 0
        self._set_aside: dict[RunKey, tuple[int, int]] = {}
        self._tasks: dict[str, tuple[Task, ...]] = {}
        self._load_plan()

    @property
    def record_ids(self) -> dict[str, RecordId]:
        """The records of the settings that count by their names, if they exist."""
        tokens = {task.setting.name: _setting(task) for task in self._templates.values()}
        found = {name: self._writer.record_id(run_key) for name, run_key in tokens.items()}
        return {name: record_id for name, record_id in found.items() if record_id}

    @property
    def place(self) -> str | None:
        """The place of the records, None before `attach`."""
        return self._writer.place

    @property
    def open_record_ids(self) -> tuple[RecordId, ...]:
        """The open records of settings and sweep."""
        return self._writer.open_record_ids

    @property
    def n_steps(self) -> int:
        """The progress, in steps that each need an answer of the store."""
        return self.n_delivered + self._writer.n_written + (self._writer.place is not None)

    def stop(self) -> None:
        """Write only the current record."""
        self._writer.stop()

    def attach(self, store: RecordStore) -> None:
        """Upload to this store from now on; find its existing records if they are not known."""
        self._store = store
        if self._writer.attach(store):
            store.show_views(self._overview())
            self._offset = self.n_delivered = self.n_new = self.n_already = 0
            self.n_revised = 0
            self._set_aside.clear()
            self.refused.clear()

    def begin(self) -> None:
        """Show that the campaign is running: open its records, except of finished settings."""
        finished = self._journal.finished()
        if self.campaign.kind == SWEEP_KIND:
            self._open_sweep()
        for template in self._templates.values():
            if not {task.key for task in self._tasks_of(template)} <= finished:
                self._open_setting(template)

    def follow(self, end: int, progress: Callable[[], object] = lambda: None) -> None:
        """Upload the journal's results up to a byte; ``progress`` is called for each."""
        for offset, result in self._since(self._offset, end):
            self._deliver(result, (self._offset, offset))
            self._offset = offset
            self.n_delivered += 1
            progress()

    def finish(self, end: int) -> None:
        """Upload the results up to a byte, and end the records of settings and sweep."""
        self.follow(end)
        for span in list(self._set_aside.values()):
            for _, result in self._since(*span):
                self._deliver(result, span)
        counted = divide((result for _, result in self._since(0, end)), self.campaign)
        everything = counted.results
        for result in everything:
            self._revise(result)
        for left_out in counted.left_out:
            self._revise(left_out.result)
        groups = by_group(everything)
        among = self._digest_of_all(everything) if len(groups) > 1 else ""
        for own in groups.values():
            self._end_setting(own[0].task, own, everything, among)
        self._end_left_out(counted)
        for template in self._templates.values():
            if (
                group_of(template) not in groups
                and self._writer.open_record_id(_setting(template)) is not None
            ):
                self._end_setting(template, [], everything)
        if self.campaign.kind == SWEEP_KIND:
            headline = self._end_sweep(everything)
            if headline:
                self._store.show_views(self._overview(everything, headline))
        self._writer.delete_orphans()

    def _since(self, start: int, end: int | None = None) -> Iterator[tuple[int, Result]]:
        """Yield the results of a part of the journal, with the position of their end.

        They are as they may be uploaded: without messages if the campaign says so.
        """
        for offset, result in self._journal.since(
            start, self._journal.size() if end is None else end
        ):
            yield offset, result if self._has_texts else withhold_texts(result)

    def _deliver(self, result: Result, span: tuple[int, int]) -> None:
        """Write the run of a task; ``span`` is the position of its result in the journal.

        The only task of a setting has no run of its own: all its data is on the setting's run. If
        the campaign wants no task runs, the table on the setting's run has all tasks.
        """
        run_key = task_run_key(result)
        if not self._tasks_have_runs or self._is_single(result.task):
            return
        if self._writer.has(run_key):
            self.n_already += 1
            return
        try:
            parent_id = self._open_setting(result.task)
            self._writer.add_task(run_key, self._task_record(result), parent_id)
        except RefusedError as error:
            self._set_aside[run_key] = span
            self.refused[run_key] = str(error)
            return
        self.n_new += 1
        self._set_aside.pop(run_key, None)
        self.refused.pop(run_key, None)

    def _revise(self, result: Result) -> None:
        """Correct the record of a task whose verdict, or whether it counts, has changed."""
        run_key, cause = task_run_key(result), self._left_out.get(result.task.key, "")
        if not self._writer.has(run_key) or self._writer.has(run_key, digest_of([result], cause)):
            return
        try:
            self._writer.revise(run_key, self._task_record(result))
        except RefusedError as error:
            self.refused[run_key] = str(error)
            return
        self.n_revised += 1
        self.refused.pop(run_key, None)

    def _open_setting(self, template: Task) -> RecordId:
        if (record_id := self._writer.open_record_id(_setting(template))) is not None:
            return record_id
        tasks = self._tasks_of(template)
        instances = self.campaign.instance_set(tasks)
        record = self._builder.setting(tasks, left_out=self._cause_of_setting(template))
        return self._writer.open(_setting(template), record, instances)

    def _end_left_out(self, counted: CountedResults) -> None:
        """End the records of settings that the present plan does not contain."""
        left_out = by_group(each.result for each in counted.left_out)
        for group, own in left_out.items():
            if group not in self._templates:
                self._end_setting(own[0].task, own, [])

    def _end_setting(
        self,
        template: Task,
        own: Sequence[Result],
        everything: Sequence[Result],
        among: str = "",
    ) -> None:
        run_key, tasks = _setting(template), self._tasks_of(template)
        single = bool(own) and self._is_single(template)
        n_here = len(own) if single or not self._tasks_have_runs else 0
        cause = self._cause_of_setting(template)
        status = None if single else self._status(tasks, own)
        if self._writer.open_record_id(run_key) is None and self._writer.has(
            run_key, digest_of(own, cause, among), status
        ):
            self.n_already += n_here
            return
        run_metrics = self._metrics_builder.setting(own, everything) if own else None
        record = self._builder.setting(
            tasks, own, run_metrics, with_task=single, left_out=cause, among=among
        )
        try:
            self._open_setting(template)
            self._writer.close(run_key, record, status or record.status)
        except RefusedError as error:
            self.refused[run_key] = str(error)
            return
        self.n_new += n_here
        self.refused.pop(run_key, None)

    def _open_sweep(self) -> None:
        if self._writer.open_record_id(SWEEP) is not None:
            return
        tasks = self._all_tasks()
        if tasks:
            instances = self.campaign.instance_set(tasks)
            self._writer.open(SWEEP, self._builder.sweep(tasks), instances)

    def _overview(self, everything: Sequence[Result] = (), headline: str = "") -> Overview:
        """Return the overview for the pages; with results it includes the final conclusions."""
        campaign, templates = self.campaign, self._templates.values()
        times = (result.answer.solve_time_s for result in everything)
        titles = (self._builder.set_title(self._tasks_of(template)) for template in templates)
        return Overview(
            choices=choices(campaign.settings),
            started_ms=max([campaign.started_ms, *(int(attempt(one)) for one in everything)]),
            sets=tuple(dict.fromkeys(titles)),
            sweep_id=campaign.campaign_id if campaign.kind == SWEEP_KIND else "",
            slow_s=slow_enough_s([each for each in times if each is not None]),
            note=f"{campaign.name}: {headline}." if headline else "",
        )

    def _end_sweep(self, everything: Sequence[Result]) -> str:
        """Write the record of the sweep if it is missing; return its headline if it is new."""
        opened = self._writer.open_record_id(SWEEP) is not None
        tasks = self._all_tasks()
        status = self._status(tasks, everything)
        if not opened and (
            not everything or self._writer.has(SWEEP, self._digest_of_all(everything), status)
        ):
            return ""
        run_metrics = self._metrics_builder.sweep(everything) if everything else None
        record = self._builder.sweep(tasks, everything, run_metrics, among=self._baseline)
        try:
            self._open_sweep()
            self._writer.close(SWEEP, record, status)
        except RefusedError as error:
            self.refused[SWEEP] = str(error)
            return ""
        self.refused.pop(SWEEP, None)
        return run_metrics.headline if run_metrics else ""

    @property
    def _baseline(self) -> str:
        """The baseline that the sweep declares, or empty."""
        plan = self.campaign.manifest
        return (plan.baseline or "") if plan else ""

    def _digest_of_all(self, everything: Sequence[Result]) -> str:
        """Return the digest of all results and of their comparison."""
        return digest_of(everything, among=self._baseline)

    def _status(self, tasks: Sequence[Task], results: Sequence[Result]) -> str:
        """Return how a setting or the sweep has ended.

        Tasks that a decision has saved are not missing. The plan is read again, because the sweep
        may have been decided since.
        """
        plan = manifest.sound(self.campaign.folder)
        if plan is not None and plan.is_decided:
            return status_of([one.task for one in results], results)
        return status_of(tasks, results)

    def _all_tasks(self) -> list[Task]:
        return [task for template in self._templates.values() for task in self._tasks_of(template)]

    def _task_record(self, result: Result) -> Record:
        return self._builder.task(result, self._left_out.get(result.task.key, ""))

    def _tasks_of(self, template: Task) -> tuple[Task, ...]:
        """Return the tasks of a setting: the planned ones, or without a plan those with results."""
        group = group_of(template)
        if group not in self._tasks:
            planned = self._templates.get(group)
            known = () if planned and self.campaign.manifest else self._known.get(group, ())
            self._tasks[group] = self.campaign.tasks_like(planned or template, known)
        return self._tasks[group]

    def _is_single(self, template: Task) -> bool:
        """Return whether a setting has one task, and no task run of an earlier plan."""
        return len(self._tasks_of(template)) == 1 and not any(
            self._writer.has(run_key) for run_key in self._task_runs.get(group_of(template), ())
        )

    def _cause_of_setting(self, template: Task) -> str:
        """Return the reason why a setting does not count, empty if it does."""
        return "" if group_of(template) in self._templates else self._left_out.get(template.key, "")

    def _load_plan(self) -> None:
        """Determine the planned settings, and the results of other settings."""
        campaign = self.campaign
        counted = divide((result for _, result in self._since(0)), campaign)
        groups = by_group([*counted.results, *(each.result for each in counted.left_out)])
        self._left_out = {each.result.task.key: str(each.cause) for each in counted.left_out}
        self._known = {group: [one.task for one in own] for group, own in groups.items()}
        self._task_runs = {group: list(map(task_run_key, own)) for group, own in groups.items()}
        self._templates: dict[str, Task] = {}
        known = [task for task in campaign.templates if campaign.is_planned(task)]
        for task in (*known, *(result.task for result in counted.results)):
            self._templates.setdefault(group_of(task), task)


def _setting(task: Task) -> RunKey:
    return RunKey("setting", group_of(task))
