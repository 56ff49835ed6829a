"""Build the records of a campaign's runs from the files in its folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from bench.journal.campaign import Campaign
from bench.journal.manifest import MANIFEST
from bench.journal.table import TABLE, write_parquet
from bench.model.record_level import RecordLevel
from bench.model.results.result import Result
from bench.model.task import Task
from bench.model.workspace import Workspace
from bench.store.run_keys import RECORD, group_of
from bench.tracking.records.record import (
    FAILED,
    FINISHED,
    Record,
    mark_left_out,
    merge,
    setting_record,
    sweep_record,
    task_record,
)
from bench.tracking.records.set_title import machine_class, set_title
from bench.tracking.run_metrics import RunMetrics

KILLED = "KILLED"


class RecordBuilder:
    """Builds records. For the end of a setting or sweep it writes tables into the folder.

    The artifacts are those of the campaign's `RecordLevel`; the caller is responsible for
    withholding texts in results.
    """

    def __init__(self, campaign: Campaign) -> None:
        """Build records of this campaign."""
        self._campaign = campaign
        self._level = campaign.record

    def task(self, result: Result, left_out: str = "") -> Record:
        """Return the record of a task, with the provenance of its execution.

        ``left_out`` is the reason why it does not count; empty if it does.
        """
        tags = self._campaign.tags(result.execution.started_at)
        own = {name: text for name, text in tags.items() if name != RECORD}
        record = replace(task_record(result, own), artifacts=self._task_files(result))
        record = self._without_texts(record)
        return mark_left_out(record, [result], left_out) if left_out else record

    def setting(  # noqa: PLR0913 - a setting run has this many sides
        self,
        tasks: Sequence[Task],
        results: Sequence[Result] = (),
        run_metrics: RunMetrics | None = None,
        *,
        with_task: bool = False,
        left_out: str = "",
        among: str = "",
    ) -> Record:
        """Return the record of a setting: without results at its start, with results at its end.

        Curves are left out while tasks are missing, because MLflow cannot replace a point later.
        ``with_task`` adds all data of its single task. ``left_out`` is the reason why the setting
        does not count; empty if it does. ``among`` is the digest of all compared results.
        """
        found = run_metrics or RunMetrics()
        setting = tasks[0].setting
        record = setting_record(
            setting,
            tasks,
            results,
            found.metrics,
            instance_set=self._campaign.instance_set(tasks),
            started_ms=self._started_ms(results),
            series=found.series if found.series and is_complete(tasks, results) else {},
            artifacts=(
                *self._setting_files(tasks[0], results, found),
                *self._at(RecordLevel.TABLES, found.files),
            ),
            provenance=self._campaign.tags(),
            outcome=found.tags,
            found=found.description,
            among=among,
        )
        record = self._without_texts(record)
        if with_task and results:
            record = merge(record, self.task(results[-1]))
        return mark_left_out(record, results, left_out) if left_out else record

    def set_title(self, tasks: Sequence[Task]) -> str:
        """Return the title of the instance set of a setting's tasks, which groups settings."""
        machine = machine_class(self._campaign.tags())
        return set_title(self._campaign.instance_set(tasks), tasks[0].limits, machine)

    def sweep(
        self,
        tasks: Sequence[Task],
        results: Sequence[Result] = (),
        run_metrics: RunMetrics | None = None,
        *,
        among: str = "",
    ) -> Record:
        """Return the record of the sweep: without results at its start, with results at its end.

        ``among`` is the baseline that it declares, or empty.
        """
        campaign = self._campaign
        found = run_metrics or RunMetrics()
        plan, origin = campaign.manifest, campaign.origin
        own = {"jobs": plan.jobs, "baseline": plan.baseline} if plan else {}
        files = (*(origin.files if origin else ()), campaign.folder / MANIFEST)
        table = (self._table(campaign.folder / TABLE, results, found),) if results else ()
        tables = self._at(RecordLevel.TABLES, (*table, *found.files))
        record = sweep_record(
            campaign.name,
            tasks,
            results,
            found.metrics,
            command=campaign.command,
            comparison=found.description,
            params=own | dict(origin.params if origin else {}),
            instance_set=campaign.instance_set(tasks),
            started_ms=self._started_ms(results),
            series=found.series if found.series and is_complete(tasks, results) else {},
            artifacts=(*self._at(RecordLevel.ALL, files), *tables),
            provenance=campaign.tags(),
            among=among,
        )
        return self._without_texts(record)

    def _started_ms(self, results: Sequence[Result]) -> int:
        moments = [round(1000 * result.execution.started_at) for result in results]
        return min([self._campaign.started_ms, *moments])

    def _setting_files(
        self, task: Task, results: Sequence[Result], run_metrics: RunMetrics
    ) -> tuple[Path, ...]:
        if not results:
            return ()
        readable = "".join(c if c.isalnum() or c in "._=-" else "-" for c in task.setting.name)
        folder = self._campaign.folder / "settings" / f"{readable[:80]}-{group_of(task)[:6]}"
        changed = (Workspace(result.folder).settings for result in results)
        own = [path for path in changed if path.is_file()][:1]
        return (
            *self._at(RecordLevel.TABLES, (self._table(folder / TABLE, results, run_metrics),)),
            *self._at(RecordLevel.ALL, own),
        )

    def _without_texts(self, record: Record) -> Record:
        """Return the record, without files if the campaign's level excludes them."""
        is_wanted = self._level.includes(RecordLevel.TABLES)
        return record if is_wanted else replace(record, texts={}, picture="")

    def _task_files(self, result: Result) -> tuple[Path, ...]:
        workspace = Workspace(result.folder)
        texts = {
            workspace.log,
            workspace.statistics,
            workspace.compressed_statistics,
            workspace.verification,
        }
        return tuple(
            file
            for file in workspace.kept
            if self._level.includes(RecordLevel.LOGS if file in texts else RecordLevel.ALL)
        )

    def _at(self, level: RecordLevel, files: Iterable[Path]) -> tuple[Path, ...]:
        """Return the files if the campaign's level includes this one, else none."""
        return tuple(files) if self._level.includes(level) else ()

    def _table(self, path: Path, results: Sequence[Result], run_metrics: RunMetrics) -> Path:
        def also(result: Result) -> dict[str, str | float | None]:
            columns = {
                name: each.get(result.task.key) for name, each in run_metrics.columns.items()
            }
            return {**self._campaign.columns_of(result), **columns}

        path.parent.mkdir(parents=True, exist_ok=True)
        write_parquet(results, path, also)
        return path


def status_of(tasks: Sequence[Task], results: Sequence[Result]) -> str:
    """Return the status of a setting or sweep that no process is working on.

    KILLED while tasks are missing, FAILED if none of them reached an answer or a limit.
    """
    if not is_complete(tasks, results):
        return KILLED
    return FINISHED if any(result.executed for result in results) else FAILED


def is_complete(tasks: Sequence[Task], results: Sequence[Result]) -> bool:
    """Whether every task has a result."""
    return {task.key for task in tasks} <= {result.task.key for result in results}
