"""Executing a plan: tasks executed, results in the journal, MLflow behind it."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.app.campaign_session import CampaignSession
from bench.app.delivery import finish_live, live_delivery
from bench.app.execute import execute_and_judge
from bench.app.execution_config import ExecutionConfig
from bench.app.plan import Plan, defect
from bench.app.target import Target
from bench.execution import registry as executors
from bench.execution.process import launch
from bench.execution.protocol import Executor, ExecutorConfig
from bench.journal import answers, manifest, origin, provenance
from bench.journal.campaign import held_together
from bench.journal.table import frame
from bench.model.planned_task import planned_task
from bench.model.result import Result
from bench.model.task import Task
from bench.planning.estimate import Forecast
from bench.report.listener import Listener

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignResult:
    """What came of a plan: the newest result of each task, in the order of the plan.

    ``n_missing`` tasks have no result because the user stopped; ``interrupted`` says that this was
    at once (KeyboardInterrupt). ``run_ids`` are the runs of the settings in MLflow by their
    names, ``n_undelivered`` results are not there, and ``failures`` says why.
    """

    plan: Plan
    where: Target
    folder: Path
    results: tuple[Result, ...]
    n_missing: int
    interrupted: bool
    experiment_id: str | None
    run_ids: dict[str, str]
    n_undelivered: int
    failures: tuple[str, ...]

    @property
    def undelivered(self) -> str | None:
        """One line about results that MLflow has not got, or None."""
        if not self.n_undelivered:
            return None
        reason = next(iter(self.failures), "unknown reason")
        return (
            f"not recorded in MLflow: {reason}; nothing is lost, deliver it later with: "
            f"bench sync {shlex.quote(str(self.folder))}"
        )

    @property
    def frame(self) -> pd.DataFrame:
        """The results as a table, a row each, with the columns of `bench.journal.table`."""
        return frame(self.results)

    def by_setting(self) -> dict[str, list[Result]]:
        """Return the results of each setting by its name, in the order of the plan."""
        found: dict[str, list[Result]] = {setting.name: [] for setting in self.plan.settings}
        for result in self.results:
            found[result.task.setting.name].append(result)
        return found


def prepare(plan: Plan, config: ExecutionConfig) -> None:
    """Start the fork server, so that it loads solvers and readers while the plan is looked at."""
    if config.cpu_slots:
        launch.prepare([launch.PRELOAD_READERS, *plan.modules])


def execute_plan(
    plan: Plan, where: Target, session: CampaignSession, config: ExecutionConfig, listener: Listener
) -> CampaignResult:
    """Execute the tasks of the plan that have no result yet, and record them.

    After an interrupt, what was finished is recorded and some tasks are missing. Nothing waits
    for MLflow before the last task has ended, and nothing is lost where MLflow fails.
    """
    todo = pending_tasks(plan.tasks, session.results, retry_failed=config.retry_failed)
    waiting = {task.key for task in todo}
    keys = [task.key for task in plan.tasks]
    results = {key: session.results[key] for key in keys if key not in waiting}
    interrupted = False
    with closing(session.journal), listener.executing():
        if todo:
            prepare(plan, config)
        _write_down(plan, where, session, config)
        with live_delivery(
            session.folder, where, listener, system_metrics=config.system_metrics
        ) as background_sync:
            arriving = execute_and_judge(
                todo,
                _executor(session.folder / "tasks", config, listener),
                plan.references,
                session.journal,
                listener.should_continue,
            )
            listener.tasks_started(_forecast(todo, results.values(), config), len(results))
            try:
                with closing(arriving):
                    for result in arriving:
                        background_sync.notify()
                        results[result.task.key] = result
                        listener.task_finished(result)
            except KeyboardInterrupt:
                interrupted = True
            finally:
                listener.tasks_ended()
            answers.update(session.folder.parent)
            n_undelivered = finish_live(background_sync, where, listener)
    return CampaignResult(
        plan=plan,
        where=where,
        folder=session.folder,
        results=tuple(
            held_together(session.folder, (results[key] for key in keys if key in results))
        ),
        n_missing=len(keys) - len(results),
        interrupted=interrupted,
        experiment_id=background_sync.place,
        run_ids=dict(background_sync.record_ids),
        n_undelivered=n_undelivered,
        failures=background_sync.failures,
    )


def pending_tasks(
    tasks: Iterable[Task], results: Mapping[str, Result], *, retry_failed: bool
) -> list[Task]:
    """Return the tasks without a result, and on request those whose result is a failure.

    A task whose instance was refused, and no longer is (``--no-lint``), has no result either.
    """

    def is_done(task: Task) -> bool:
        result = results.get(task.key)
        if result is None or (retry_failed and result.verdict.failed):
            return False
        return defect(result.task) is None or defect(task) is not None

    return [task for task in tasks if not is_done(task)]


def _forecast(todo: list[Task], known: Iterable[Result], config: ExecutionConfig) -> Forecast:
    forecast = Forecast(map(planned_task, todo), len(config.cpu_slots))
    for result in known:
        forecast.learn(result.task.instance.label, result.execution.wall_s)
    return forecast


def _executor(folder: Path, how: ExecutionConfig, listener: Listener) -> Executor:
    """Return who executes tasks; their files are below the folder."""
    config = ExecutorConfig(
        folder=folder,
        cpu_slots=how.cpu_slots,
        on_start=listener.task_started,
        delegation=how.delegation,
        verify=how.verify,
        pass_env=how.pass_env,
    )
    return executors.create(how.executor, config)


def _write_down(
    plan: Plan, where: Target, session: CampaignSession, config: ExecutionConfig
) -> None:
    """Keep beside the journal what was planned and where it belongs."""
    manifest.write(
        session.folder,
        manifest.Manifest(
            campaign_id=session.campaign_id,
            name=plan.name,
            kind=plan.kind,
            command=plan.command,
            created_at=session.created_at,
            jobs=len(config.cpu_slots),
            instance_set=plan.instance_set.name,
            baseline=plan.baseline,
            settings=plan.settings,
            tasks=tuple(map(planned_task, plan.tasks)),
        ),
    )
    origin.begin(
        session.folder,
        tracking_uri=where.uri,
        experiment=where.experiment,
        run_id=where.run_id,
        instance_set=plan.instance_set,
        tasks=plan.tasks,
        session=origin.RecordedSession(
            started_at=time.time(), provenance=provenance.collect() | config.facts
        ),
        params={"baseline": plan.baseline, "jobs": len(config.cpu_slots)} | dict(plan.params),
        files=plan.files,
    )
