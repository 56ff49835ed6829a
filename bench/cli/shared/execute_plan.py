"""Carrying out a plan: tasks executed, results in the journal, MLflow behind it, progress shown."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from bench.app.campaign_session import Opened
from bench.app.execute import conduct
from bench.app.execution_config import Manner
from bench.app.plan import Plan
from bench.app.target import Target
from bench.cli.shared.interruption import Stopping
from bench.cli.shared.progress import Progress
from bench.execution import registry as executors
from bench.execution.process import launch
from bench.execution.protocol import Executor, ExecutorConfig
from bench.journal import manifest, origin, provenance
from bench.model.planned_task import planned
from bench.model.result import Result
from bench.model.task import Task
from bench.planning.estimate import Forecast
from bench.report.sweep_report import Reporting
from bench.tracking.courier import Courier, mlflow_connection
from bench.verification.consistency import reconsidered


@dataclass(frozen=True, slots=True, kw_only=True)
class Conducted:
    """What came of a plan: the newest result of each task, in the order of the plan."""

    folder: Path
    results: tuple[Result, ...]
    n_missing: int
    experiment_id: str | None
    run_ids: dict[str, str]
    n_undelivered: int
    failures: tuple[str, ...]


def prepare(plan: Plan, manner: Manner) -> None:
    """Start the fork server, so that it loads solvers and readers while the plan is looked at."""
    if manner.places:
        launch.prepare([launch.PRELOAD_READERS, *plan.modules])


def carry_out(plan: Plan, where: Target, opened: Opened, manner: Manner) -> Conducted:
    """Execute the tasks of the plan that have no result yet, and record them.

    After an interrupt, what was finished is recorded and some tasks are missing. Nothing waits
    for MLflow before the last task has ended, and nothing is lost where MLflow fails.
    """
    todo = to_execute(plan.tasks, opened.results, retry_failed=manner.retry_failed)
    waiting = {task.key for task in todo}
    keys = [task.key for task in plan.tasks]
    results = {key: opened.results[key] for key in keys if key not in waiting}
    with closing(opened.journal), Stopping() as stopping:
        if todo:
            prepare(plan, manner)
        _write_down(plan, where, opened, manner)
        courier = Courier(
            opened.folder,
            mlflow_connection(where.uri, where.experiment, where.run_id),
            Reporting(opened.folder),
            on_failure=_warn,
            on_recovery=_relieve,
            system_metrics=manner.system_metrics,
        )
        progress = _progress(todo, results.values(), manner)
        executor = _executor(opened.folder / "tasks", manner, progress)
        arriving = conduct(todo, executor, plan.references, opened.journal, stopping.go_on)
        with progress:
            try:
                with closing(arriving):
                    for result in arriving:
                        courier.notice()
                        results[result.task.key] = result
                        progress.done(result)
            except KeyboardInterrupt:
                stopping.requested = True
        n_undelivered = _delivered(courier)
    return Conducted(
        folder=opened.folder,
        results=tuple(reconsidered(results[key] for key in keys if key in results)),
        n_missing=len(keys) - len(results),
        experiment_id=courier.place,
        run_ids=dict(courier.record_ids),
        n_undelivered=n_undelivered,
        failures=courier.failures,
    )


def to_execute(
    tasks: Iterable[Task], results: Mapping[str, Result], *, retry_failed: bool
) -> list[Task]:
    """Return the tasks without a result, and on request those whose result is a failure.

    A task whose instance was refused, and no longer is (``--no-lint``), has no result either.
    """

    def is_done(task: Task) -> bool:
        result = results.get(task.key)
        if result is None or (retry_failed and result.verdict.failed):
            return False
        return result.task.instance.defect is None or task.instance.defect is not None

    return [task for task in tasks if not is_done(task)]


def undelivered(conducted: Conducted) -> str:
    """Return the one line about results that MLflow has not got."""
    reason = next(iter(conducted.failures), "unknown reason")
    return (
        f"not recorded in MLflow: {reason}; nothing is lost, deliver it later with: "
        f"bench sync {shlex.quote(str(conducted.folder))}"
    )


def _progress(todo: list[Task], known: Iterable[Result], manner: Manner) -> Progress:
    forecast = Forecast(map(planned, todo), len(manner.places))
    finished = list(known)
    for result in finished:
        forecast.learn(result.task.instance.name, result.execution.wall_s)
    return Progress(forecast, len(finished))


def _executor(folder: Path, manner: Manner, progress: Progress) -> Executor:
    config = ExecutorConfig(
        folder=folder,
        cpu_slots=manner.places,
        on_start=progress.started,
        delegation=manner.delegation,
        verify=manner.verify,
    )
    return executors.create(manner.executor, config)


def _delivered(courier: Courier) -> int:
    """Wait for MLflow, shown by a bar, and return how many results it has not got."""
    with tqdm(desc="MLflow", unit="run", file=sys.stderr, disable=None, leave=False) as bar:
        return courier.close(progress=lambda n: bar.set_postfix_str(f"{n} waiting"))


def _write_down(plan: Plan, where: Target, opened: Opened, manner: Manner) -> None:
    """Keep beside the journal what was planned and where it belongs."""
    manifest.write(
        opened.folder,
        manifest.Manifest(
            campaign_id=opened.campaign_id,
            name=plan.name,
            kind=plan.kind,
            command=plan.command,
            created_at=opened.created_at,
            jobs=len(manner.places),
            instance_set=plan.instance_set.name,
            baseline=plan.baseline,
            settings=plan.settings,
            tasks=tuple(map(planned, plan.tasks)),
        ),
    )
    origin.begin(
        opened.folder,
        tracking_uri=where.uri,
        experiment=where.experiment,
        run_id=where.run_id,
        instance_set=plan.instance_set,
        tasks=plan.tasks,
        session=origin.Session(
            started_at=time.time(), provenance=provenance.collect() | manner.facts
        ),
        params={"baseline": plan.baseline, "jobs": len(manner.places)} | dict(plan.params),
        files=plan.files,
    )


def _warn(reason: str) -> None:
    tqdm.write(f"Warning: not recorded in MLflow: {reason}; the journal has it all", sys.stderr)


def _relieve() -> None:
    tqdm.write("MLflow answers again; what it missed is delivered now", sys.stderr)
