"""Executing a plan: tasks executed, results in the journal, MLflow behind it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.app.campaign.delivery import delivering, finish_live, live_delivery, shown_before
from bench.app.campaign.execute import execute_and_judge, load_ahead
from bench.app.campaign.execution_config import ExecutionConfig
from bench.app.campaign.lease_cores import leased_cores
from bench.app.campaign.lint_instances import LintAhead
from bench.app.campaign.plan import Plan, defect
from bench.app.campaign.sequential import Monitor, Stop
from bench.app.campaign.session import CampaignSession
from bench.app.campaign.spooled_results import keep_plan
from bench.app.campaign.target import Target
from bench.app.campaign.watch_tasks import TaskWatch
from bench.execution import registry as executors
from bench.execution.process.fork_servers import fork_server
from bench.execution.protocol import Executor, ExecutorConfig
from bench.journal import answers, manifest, origin, provenance
from bench.journal.attempts import counting_one
from bench.journal.campaign import held_together, record_level
from bench.journal.table import frame
from bench.model.looks import Looks
from bench.model.planned_task import planned_task
from bench.model.record_level import RecordLevel
from bench.model.results.result import Result
from bench.model.task import Task
from bench.planning.estimate import Forecast
from bench.report.listener import Listener
from bench.store.file_lock import has_locks
from bench.tracking.background_sync import BackgroundSync

if TYPE_CHECKING:
    import pandas as pd

Growth = Callable[[Mapping[str, Result]], Plan | None]
"""Given the results of all tasks by their keys, returns a plan with more of them; None is no more.

The plan has all tasks, also those before. Equal results give equal plans, so that a campaign that
was killed is continued by asking again.
"""
LEAVING = "Leaving: the tasks on the cluster go on; see --on-interrupt."
CANCELLING = "Stopping: the tasks on the cluster are ended; what is finished is recorded."


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignResult:
    """What came of a plan: the result of each task that counts, in the order of the plan.

    ``n_missing`` tasks were not executed: those that the machine kept from it, counted by the
    reason in ``lost``, and the others because the user stopped; ``interrupted`` says that this was
    at once (KeyboardInterrupt), so that MLflow may lack something as well. ``run_ids`` are the runs
    of the settings in MLflow by their names, ``n_undelivered`` results are not there, and
    ``failures`` says why. ``for_mlflow`` is False where nothing was to be recorded there.
    ``stop`` says why a sweep has ended before its plan, which spared it ``n_spared`` tasks.
    """

    plan: Plan
    where: Target
    folder: Path
    results: tuple[Result, ...]
    n_missing: int
    lost: Mapping[str, int]
    interrupted: bool
    experiment_id: str | None
    run_ids: dict[str, str]
    n_undelivered: int
    failures: tuple[str, ...]
    for_mlflow: bool
    stop: Stop | None = None
    n_spared: int = 0

    @property
    def undelivered(self) -> str | None:
        """One line about results that MLflow has not got, or None."""
        if not self.n_undelivered:
            return None
        usual = "bench was interrupted" if self.interrupted else "unknown reason"
        reason = next(iter(self.failures), usual)
        return (
            f"not recorded in MLflow: {reason}; nothing is lost, deliver it later with: "
            f"{delivering(self.folder)}"
        )

    @property
    def progress(self) -> str:
        """How far it has come, e.g. ``3 of 24 tasks are finished``."""
        n = len(self.plan.tasks)
        done = n - self.n_missing - self.n_spared
        return f"{done} of {n} task{'s are' if n > 1 else ' is'} finished"

    @property
    def n_stopped(self) -> int:
        """How many tasks have no result because the user stopped."""
        return self.n_missing - sum(self.lost.values())

    @property
    def without_result(self) -> str | None:
        """One line about tasks that the machine kept from being executed, or None."""
        if not self.lost:
            return None
        n = sum(self.lost.values())
        subject = f"{n} task{'s' * (n > 1)} {'have' if n > 1 else 'has'} no result"
        if len(self.lost) == 1:
            return f"{subject}: {next(iter(self.lost))}"
        reasons = ", ".join(f"{reason} ({n_tasks})" for reason, n_tasks in self.lost.items())
        return f"{subject}: {reasons}"

    @property
    def frame(self) -> pd.DataFrame:
        """The results as a table, a row each, with the columns of `bench.journal.table`."""
        looks = self.plan.looks
        return frame(self.results, lambda one: looks.columns_of(one.task.instance) if looks else {})

    def by_setting(self) -> dict[str, list[Result]]:
        """Return the results of each setting by its name, in the order of the plan."""
        found: dict[str, list[Result]] = {setting.name: [] for setting in self.plan.settings}
        for result in self.results:
            found[result.task.setting.name].append(result)
        return found


def prepare(plan: Plan, config: ExecutionConfig) -> None:
    """Start the fork server, so that it loads solvers and readers while the plan is looked at."""
    if config.cpu_slots:
        fork_server.prepare([fork_server.PRELOAD_READERS, *plan.modules])


def execute_plan(  # noqa: PLR0913 - what is executed, where it goes, how, and who hears of it
    plan: Plan,
    where: Target,
    session: CampaignSession,
    config: ExecutionConfig,
    listener: Listener,
    *,
    lint_dir: Path | None = None,
    when_executed: Callable[[CampaignResult], object] = lambda _: None,
    grow: Growth | None = None,
) -> CampaignResult:
    """Execute the tasks of the plan that have no result yet, and record them.

    Instances that are not linted yet are so meanwhile, with ``lint_dir`` the working folder.
    ``when_executed`` is called once the last task has ended: what it is given knows nothing of
    MLflow yet, which gets the rest behind it. What it raises is raised after that.
    With ``grow`` the plan goes on growing by what the results say, and MLflow gets all of it once
    it has stopped; what ``grow`` raises ends the campaign.

    After an interrupt, what was finished is in the journal and some tasks are missing. Nothing
    waits for MLflow before the last task has ended, and nothing is lost where MLflow fails. A plan
    that stops once it is decided leaves the tasks behind that.
    """
    collected = _Collected(plan, where, session, config, listener)
    _warn_without_locks(session.folder, listener)
    with ExitStack() as stack:
        stack.enter_context(closing(session.journal))
        stack.enter_context(listener.executing())
        if grow is not None:
            collected.grow(grow)
        _write_manifest(collected, session, config)
        if collected.todo:
            prepare(plan, config)
            try:
                leased = stack.enter_context(leased_cores(config, plan.title, listener))
            except KeyboardInterrupt:
                collected.interrupted, leased = True, None
            if leased is None:
                done = collected.so_far()
                when_executed(done)
                return done
            config = leased
            _write_manifest(collected, session, config)
        _write_origin(collected.plan, where, session, config)
        if grow is not None and collected.growing:
            _execute_growing(collected, grow, session, config, listener, lint_dir=lint_dir)
            _write_origin(collected.plan, where, session, config)
        background_sync = None
        if not config.no_mlflow:
            background_sync = stack.enter_context(
                live_delivery(session.folder, where, listener, system_metrics=config.system_metrics)
            )
        if grow is None:
            notify = background_sync.notify if background_sync else lambda: None
            _execute(collected, session, config, listener, lint_dir=lint_dir, notify=notify)
        answers.update(session.folder.parent)
        if collected.stop is not None:
            _write_manifest(collected, session, config)
        done = collected.so_far()
        with shown_before(when_executed, done):
            if background_sync is not None:
                done = _recorded(done, background_sync, listener)
    return done


def _warn_without_locks(folder: Path, listener: Listener) -> None:
    """Tell where nothing keeps two commands from writing to one journal."""
    with suppress(OSError):  # a folder that cannot be written to is told by who writes
        if not has_locks(folder):
            listener.message(
                f"Warning: {folder} is on a file system without locks; let no second command work "
                "on this sweep"
            )


class _Collected:
    """The results of a campaign's tasks as they arrive, and what becomes of the others."""

    def __init__(
        self,
        plan: Plan,
        where: Target,
        session: CampaignSession,
        config: ExecutionConfig,
        listener: Listener,
    ) -> None:
        """Begin with the results of earlier processes; ``todo`` are the tasks to execute."""
        self.plan = plan
        self.todo = pending_tasks(plan.tasks, session.results, config)
        self.lost: Counter[str] = Counter()
        self.interrupted = False
        self.growing = False
        self._where, self._folder, self._for_mlflow = where, session.folder, not config.no_mlflow
        self._earlier = session.results
        self._keys = [task.key for task in plan.tasks]
        self._waiting = {task.key for task in self.todo}
        self._by_key = {key: self._earlier[key] for key in self._keys if key in self._earlier}
        self._monitor: Monitor | None = None
        if plan.looks is not None and plan.stops:
            self._monitor = Monitor(plan, plan.looks, session.folder, listener.message)
            again = {task.key for task in self.todo}
            known = {key: one for key, one in self._by_key.items() if key not in again}
            self._monitor.take(known)
        if self.stop is not None:
            self.todo = []

    @property
    def stop(self) -> Stop | None:
        """Why no further task is executed, None as long as nothing is decided."""
        return self._monitor.stop if self._monitor else None

    @property
    def looks(self) -> Looks | None:
        """The looks of the plan, with the one that has ended it."""
        if self.plan.looks is None or self._monitor is None:
            return self.plan.looks
        return replace(self.plan.looks, stopped_at=self._monitor.stopped_at)

    @property
    def n_missing(self) -> int:
        """How many tasks have no result yet."""
        return len(self._waiting)

    def grow(self, grow: Growth) -> None:
        """Let the plan grow as long as all of it has a result."""
        self.growing = False
        while not self._waiting:
            plan = grow(self._by_key)
            if plan is None:
                return
            self.plan, self._keys = plan, [task.key for task in plan.tasks]
            self._by_key |= {
                key: self._earlier[key]
                for key in self._keys
                if key in self._earlier and key not in self._by_key
            }
            self.todo = [task for task in plan.tasks if task.key not in self._by_key]
            self._waiting = {task.key for task in self.todo}
        self.growing = True

    @property
    def results(self) -> tuple[Result, ...]:
        """The result of each task that has one, in the order of the plan."""
        return tuple(self._by_key[key] for key in self._keys if key in self._by_key)

    def take(self, result: Result) -> None:
        """Add a result; of several attempts of a task the one that counts is kept."""
        key = result.task.key
        self._by_key[key] = counting_one(self._earlier.get(key), result)
        self._waiting.discard(key)
        if self._monitor is not None:
            self._monitor.take({key: self._by_key[key]})

    def so_far(self) -> CampaignResult:
        """Return what the campaign has come to, as far as it is known without MLflow."""
        n_waiting, n_lost = len(self._waiting), sum(self.lost.values())
        n_spared = n_waiting - n_lost if self.stop else 0
        return CampaignResult(
            plan=replace(self.plan, looks=self.looks),
            where=self._where,
            folder=self._folder,
            results=tuple(held_together(self._folder, self.results)),
            n_missing=n_waiting - n_spared,
            lost=dict(self.lost.most_common()),
            interrupted=self.interrupted,
            experiment_id=None,
            run_ids={},
            n_undelivered=0,
            failures=(),
            for_mlflow=self._for_mlflow,
            stop=self.stop,
            n_spared=n_spared,
        )


def _execute_growing(  # noqa: PLR0913 - what is executed, how, and who hears of it
    collected: _Collected,
    grow: Growth,
    session: CampaignSession,
    config: ExecutionConfig,
    listener: Listener,
    *,
    lint_dir: Path | None,
) -> None:
    """Execute what the plan has, and again what it has grown to, until it stops or the user does.

    The manifest has each task before it is executed.
    """
    while collected.growing:
        _execute(collected, session, config, listener, lint_dir=lint_dir, notify=lambda: None)
        if collected.n_missing or collected.interrupted:
            return
        try:
            collected.grow(grow)
        finally:
            _write_manifest(collected, session, config)


def _execute(  # noqa: PLR0913 - what is executed, how, and who hears of it
    collected: _Collected,
    session: CampaignSession,
    config: ExecutionConfig,
    listener: Listener,
    *,
    lint_dir: Path | None,
    notify: Callable[[], object],
) -> None:
    """Execute the tasks and collect their results, until all have one or the user stops.

    ``notify`` is called when a result is in the journal.
    """
    todo, plan = collected.todo, collected.plan
    ahead = LintAhead([task.instance for task in todo], lint_dir, listener, config.spare_cpus)
    watch = TaskWatch()
    if config.elsewhere:
        keep_plan(session.folder, plan.tasks, plan.references)
        ends = config.cluster.ends_with_submitter
        listener.stop_request_means(CANCELLING if ends else LEAVING)
    arriving = execute_and_judge(
        todo,
        _executor(session, config, listener, collected, watch),
        plan.references,
        session.journal,
        should_continue=lambda: collected.stop is None and listener.should_continue(),
        linted=ahead.linted,
    )
    listener.tasks_started(
        _forecast(todo, collected.results, config), n_finished=len(plan.tasks) - len(todo)
    )
    try:
        with ahead, closing(arriving), watch.told_to(listener):
            for result in arriving:
                notify()
                watch.ended(result.task.key)
                collected.take(result)
                listener.task_finished(result)
    except KeyboardInterrupt:
        collected.interrupted = True
    finally:
        listener.tasks_ended()


def _recorded(
    done: CampaignResult, background_sync: BackgroundSync, listener: Listener
) -> CampaignResult:
    """Let MLflow get the rest; after an interrupt no more than the record at hand."""
    interrupted = done.interrupted
    if not interrupted:
        try:
            n_undelivered = finish_live(background_sync, done.where, listener)
        except KeyboardInterrupt:
            interrupted = True
    if interrupted:
        n_undelivered = background_sync.abandon(listener.interrupt_patience_s)
    return replace(
        done,
        interrupted=interrupted,
        experiment_id=background_sync.place,
        run_ids=dict(background_sync.record_ids),
        n_undelivered=n_undelivered,
        failures=background_sync.failures,
    )


def pending_tasks(
    tasks: Iterable[Task], results: Mapping[str, Result], config: ExecutionConfig | None = None
) -> list[Task]:
    """Return the tasks without a result, and on request those that failed or were disturbed.

    A task whose instance was refused, and no longer is (``--no-lint``), has no result either.
    """

    def is_done(task: Task) -> bool:
        result = results.get(task.key)
        if result is None or (config and config.retry_failed and result.verdict.failed):
            return False
        if config and config.redo_disturbed and result.execution.disturbed:
            return False
        return defect(result.task) is None or defect(task) is not None

    return [task for task in tasks if not is_done(task)]


def _forecast(todo: list[Task], known: Iterable[Result], config: ExecutionConfig) -> Forecast:
    forecast = Forecast(map(planned_task, todo), config.jobs)
    for result in known:
        forecast.learn(result.task.instance.label, result.execution.wall_s)
    return forecast


def _executor(
    session: CampaignSession,
    how: ExecutionConfig,
    listener: Listener,
    collected: _Collected,
    watch: TaskWatch,
) -> Executor:
    """Return who executes tasks, their files below the campaign's folder.

    Those that are lost are counted by the reason.
    """

    def count(task: Task, reason: str) -> None:
        collected.lost[reason] += 1
        watch.ended(task.key)

    def started(task: Task) -> None:
        watch.started(task, config.folder_of(task))
        listener.task_started(task)
        load_ahead()

    durations = _forecast([], collected.results, how)
    config = ExecutorConfig(
        folder=session.folder / "tasks",
        n_attempts=session.n_attempts,
        recorded=session.attempts,
        cpu_slots=how.cpu_slots,
        on_start=started,
        on_lost=count,
        delegation=how.delegation,
        verify=how.verify,
        pass_env=how.pass_env,
        cluster=how.cluster,
        should_continue=listener.should_continue,
        tell=listener.message,
        expected_s=lambda task: durations.expected_s(task.instance.label),
    )
    return executors.create(how.executor, config)


def _identity(plan: Plan, session: CampaignSession) -> origin.CampaignIdentity:
    return session.identity(name=plan.name, kind=plan.kind, command=plan.command)


def _write_manifest(
    collected: _Collected, session: CampaignSession, config: ExecutionConfig
) -> None:
    """Keep beside the journal what was planned, and which look has ended it."""
    plan = collected.plan
    identity = _identity(plan, session)
    manifest.write(
        session.folder,
        manifest.Manifest(
            campaign_id=identity.campaign_id,
            name=identity.name,
            kind=identity.kind,
            command=identity.command,
            created_at=identity.created_at,
            jobs=config.jobs,
            instance_set=plan.instance_set.name,
            baseline=plan.baseline,
            settings=plan.settings,
            tasks=tuple(map(planned_task, plan.tasks)),
            record=config.record or _earlier_level(session.folder),
            directory=str(Path.cwd()),
            growing=collected.growing,
            looks=collected.looks,
        ),
    )


def _earlier_level(folder: Path) -> RecordLevel:
    """Return what of the models has been allowed to go to MLflow so far."""
    return record_level(folder, manifest.sound(folder), origin.read(folder))


def _write_origin(
    plan: Plan, where: Target, session: CampaignSession, config: ExecutionConfig
) -> None:
    """Keep beside the journal where the results belong, and under what they come about."""
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
        params={"baseline": plan.baseline, "jobs": config.jobs} | dict(plan.params),
        files=plan.files,
        identity=_identity(plan, session),
        tasks_in_mlflow=config.tasks_in_mlflow,
        record=config.record or _earlier_level(session.folder),
    )
