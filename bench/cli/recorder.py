"""The recorder: what a campaign comes to, brought to MLflow while it goes on."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from pathlib import Path

from tqdm import tqdm

from bench.analysis.aggregates import aggregates, cactus
from bench.cli.opening import Opened
from bench.cli.plan import Plan
from bench.cli.target import Target
from bench.model.result import Result
from bench.model.setting import Setting
from bench.tracking import provenance
from bench.tracking.record import Record, merge, setting_record, task_record
from bench.tracking.table import write_parquet
from bench.tracking.writer import SettingRun, Writer, mlflow_connection

RESULTS = "results.parquet"


class Recorder:
    """Turns results into records for the writer: a run a setting, beneath it a run a task.

    Nothing here waits for MLflow before :meth:`finish`, and nothing is lost where MLflow fails:
    what counts is in the journal.
    """

    def __init__(self, plan: Plan, where: Target, opened: Opened, facts: dict[str, str]) -> None:
        """Begin to connect, and ask for the run of each setting.

        ``facts`` become tags of every run, beside where and with what it all was done.
        """
        self._plan = plan
        self._folder = opened.folder
        self._facts = provenance.collect() | facts
        self._started_ms = round(time.time() * 1000)
        self._results: dict[str, dict[str, Result]] = {one.name: {} for one in plan.settings}
        self._tasks = {
            setting.name: [task for task in plan.tasks if task.setting.name == setting.name]
            for setting in plan.settings
        }
        connect = mlflow_connection(where.uri, where.experiment, where.run_id)
        self._writer = Writer(connect, on_failure=_warn)
        self.runs: dict[str, SettingRun] = {
            setting.name: self._writer.open_setting(self._record(setting), plan.instance_set)
            for setting in plan.settings
        }

    @property
    def failures(self) -> tuple[str, ...]:
        """What could not be recorded, a line each."""
        return self._writer.failures

    def known(self, results: Iterable[Result]) -> None:
        """Count results of an earlier process in."""
        for result in results:
            self._results[result.task.setting.name][result.task.key] = result

    def add(self, result: Result) -> None:
        """Record a task, unless it is its setting's only one and shares its run."""
        name = result.task.setting.name
        self._results[name][result.task.key] = result
        if len(self._tasks[name]) > 1:
            self._writer.add_task(task_record(result, self._facts), self.runs[name])

    def finish(self, *, complete: bool) -> None:
        """End the settings' runs with aggregates and tables, and wait for the writer."""
        for setting in self._plan.settings:
            own = list(self._results[setting.name].values())
            record = self._record(setting, own)
            if len(self._tasks[setting.name]) == 1 and own:
                record = merge(record, task_record(own[0], self._facts))
            executed = any(result.answer.status for result in own)
            status = "KILLED" if not complete else "FINISHED" if executed else "FAILED"
            self._writer.close_setting(self.runs[setting.name], record, status)
        bar = tqdm(desc="MLflow", unit="run", file=sys.stderr, disable=None, leave=False)
        with bar:
            self._writer.close(progress=lambda n: bar.set_postfix_str(f"{n} waiting"))

    def _record(self, setting: Setting, results: list[Result] | None = None) -> Record:
        return setting_record(
            setting,
            self._tasks[setting.name],
            results or [],
            aggregates(results) if results else {},
            started_ms=self._started_ms,
            instance_set=self._plan.instance_set,
            series={"cactus/time_s": cactus(results or [])},
            artifacts=self._files(setting, results) if results else (),
            provenance=self._facts,
        )

    def _files(self, setting: Setting, results: list[Result]) -> tuple[Path, ...]:
        """Write the setting's table, and return it with the parameters that were changed."""
        table = self._folder / "settings" / file_name(setting.name) / RESULTS
        table.parent.mkdir(parents=True, exist_ok=True)
        write_parquet(results, table)
        changed = (result.folder / "changed.set" for result in results)
        return (table, *[path for path in changed if path.is_file()][:1])


def file_name(setting: str) -> str:
    """Return a folder name for a setting, e.g. ``alpha=0.15``."""
    return "".join(c if c.isalnum() or c in "._=-" else "-" for c in setting)[:100]


def _warn(reason: str) -> None:
    tqdm.write(f"Warning: not recorded in MLflow: {reason}; the journal has it all", sys.stderr)
