"""Carrying out a plan: tasks executed, results in the journal, MLflow behind it, progress shown."""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import click
from tqdm import tqdm

from bench.analysis.aggregates import aggregates, cactus
from bench.campaign import conduct
from bench.cli.plan import Plan
from bench.errors import UsageError
from bench.executors.local import LocalExecutor
from bench.isolation import launch
from bench.model.result import Result
from bench.model.setting import Setting
from bench.tracking import provenance
from bench.tracking.journal import Journal
from bench.tracking.record import Record, merge, setting_record, task_record
from bench.tracking.table import write_parquet
from bench.tracking.uri import resolve_uri
from bench.tracking.writer import SettingRun, Writer, mlflow_connection

RESULTS = "results.parquet"


@dataclass(frozen=True, slots=True)
class Target:
    """Where results are recorded: an MLflow store, and in it an experiment or a run."""

    uri: str
    experiment: str | None
    run_id: str | None = None


@dataclass(slots=True)
class Conducted:
    """What came of a plan."""

    folder: Path
    results: list[Result] = field(default_factory=list)
    runs: dict[str, SettingRun] = field(default_factory=dict)
    failures: tuple[str, ...] = ()


def target(uri: str | None, experiment: str | None) -> Target:
    """Return where to record; a run made by ``mlflow run`` is taken over.

    MLFLOW_RUN_ID is removed from the environment, so that no process of a task sees it.
    """
    return Target(resolve_uri(uri), experiment, os.environ.pop("MLFLOW_RUN_ID", None))


def new_folder(work_dir: Path, name: str) -> Path:
    """Make a folder for one campaign below the work folder; UsageError where that fails."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    folder = work_dir.absolute() / f"{name}-{stamp}-{secrets.token_hex(2)}"
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be made: {error.strerror}; see --work-dir") from error
    return folder


def carry_out(plan: Plan, where: Target, folder: Path, jobs: int) -> Conducted:
    """Execute all tasks of the plan and record them.

    An interrupt ends the tasks that are going on; what was finished is recorded all the same,
    and KeyboardInterrupt is raised at the end.
    """
    launch.prepare(plan.modules)
    conducted = Conducted(folder)
    recorder = _Recorder(plan, where, conducted)
    interrupted = False
    with Journal(folder) as journal:
        executor = LocalExecutor(folder / "tasks", jobs)
        results = conduct(plan.tasks, executor, plan.references, journal)
        try:
            with closing(results):
                for result in _shown(results, len(plan.tasks)):
                    conducted.results.append(result)
                    recorder.add(result)
        except KeyboardInterrupt:
            interrupted = True
    recorder.finish(interrupted=interrupted)
    if interrupted:
        raise KeyboardInterrupt
    return conducted


def _shown(results: Iterator[Result], total: int) -> Iterator[Result]:
    """Pass results on while a bar on a terminal counts them."""
    bar = tqdm(total=total, unit="task", file=sys.stderr, disable=None, dynamic_ncols=True)
    with bar:
        for result in results:
            bar.set_postfix_str(f"{result.task.instance.name}: {result.verdict.category}")
            bar.update()
            yield result


class _Recorder:
    """Turns results into records for the writer: a run a setting, beneath it a run a task."""

    def __init__(self, plan: Plan, where: Target, conducted: Conducted) -> None:
        self._plan = plan
        self._conducted = conducted
        self._provenance = provenance.collect()
        self._started_ms = round(time.time() * 1000)
        self._tasks = {
            setting.name: [task for task in plan.tasks if task.setting.name == setting.name]
            for setting in plan.settings
        }
        connect = mlflow_connection(where.uri, where.experiment, where.run_id)
        self._writer = Writer(connect, on_failure=_warn)
        for setting in plan.settings:
            record = self._record(setting, [])
            run = self._writer.open_setting(record, plan.instance_set)
            conducted.runs[setting.name] = run

    def add(self, result: Result) -> None:
        """Record a task, unless it is its setting's only one and shares its run."""
        name = result.task.setting.name
        if len(self._tasks[name]) > 1:
            record = task_record(result, self._provenance)
            self._writer.add_task(record, self._conducted.runs[name])

    def finish(self, *, interrupted: bool) -> None:
        """End the settings' runs with aggregates and tables, and wait for the writer."""
        for setting in self._plan.settings:
            own = [r for r in self._conducted.results if r.task.setting.name == setting.name]
            record = self._record(setting, own)
            if len(self._tasks[setting.name]) == 1 and own:
                record = merge(record, task_record(own[0], self._provenance))
            executed = any(result.answer.status for result in own)
            status = "KILLED" if interrupted else "FINISHED" if executed else "FAILED"
            self._writer.close_setting(self._conducted.runs[setting.name], record, status)
        bar = tqdm(desc="MLflow", unit="run", file=sys.stderr, disable=None, leave=False)
        with bar:
            self._writer.close(progress=lambda n: bar.set_postfix_str(f"{n} waiting"))
        self._conducted.failures = self._writer.failures

    def _record(self, setting: Setting, results: list[Result]) -> Record:
        artifacts: list[Path] = []
        if results:
            table = self._conducted.folder / setting_folder(setting) / RESULTS
            table.parent.mkdir(exist_ok=True)
            write_parquet(results, table)
            artifacts.append(table)
            changed = (result.folder / "changed.set" for result in results)
            artifacts += [path for path in changed if path.is_file()][:1]
        return setting_record(
            setting,
            self._tasks[setting.name],
            results,
            aggregates(results) if results else {},
            started_ms=self._started_ms,
            instance_set=self._plan.instance_set,
            series={"cactus/time_s": cactus(results)},
            artifacts=tuple(artifacts),
            provenance=self._provenance,
        )


def setting_folder(setting: Setting) -> str:
    """Return a folder name for the setting's own files, e.g. ``setting-alpha-0.15``."""
    readable = "".join(c if c.isalnum() or c in "._=" else "-" for c in setting.name)
    return f"setting-{readable[:60]}"


def _warn(reason: str) -> None:
    tqdm.write(f"Warning: not recorded in MLflow: {reason}; the journal has it all", sys.stderr)


def where_to_look(where: Target) -> str:
    """Return the one line that says where the results can be seen."""
    if where.uri.startswith("http"):
        return f"See the results: {where.uri}"
    return f"See the results: mlflow server --backend-store-uri {where.uri}"


def complain(lines: list[str]) -> None:
    """Say what went wrong, a line each."""
    for line in lines:
        click.echo(line, err=True)
