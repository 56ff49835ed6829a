"""Execute a plan: its tasks are executed, written to the journal, and then uploaded to MLflow."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from pathlib import Path

from bench.app.campaign.campaign_result import CampaignResult
from bench.app.campaign.delivery import finish_live, live_delivery, shown_before
from bench.app.campaign.execute import execute_and_judge, load_ahead
from bench.app.campaign.execution_config import ExecutionConfig
from bench.app.campaign.lease_cores import leased_cores
from bench.app.campaign.lint_instances import LintAhead
from bench.app.campaign.plan import Plan, defect
from bench.app.campaign.sequential import Monitor, Stop
from bench.app.campaign.session import CampaignSession
from bench.app.campaign.target import Target
from bench.app.campaign.watch_tasks import TaskWatch
from bench.execution import registry as executors
from bench.execution.cluster.begun_pairs import begun_pairs
from bench.execution.pairs import Machine, Pair
from bench.execution.process.fork_servers import fork_server
from bench.execution.protocol import Executor, ExecutorConfig
from bench.journal import answers, manifest, origin, provenance
from bench.journal.attempts import counting_one
from bench.journal.campaign import Campaign, held_together, record_level
from bench.model.looks import Looks
from bench.model.planned_task import planned_task
from bench.model.record_level import RecordLevel
from bench.model.results.result import Result
from bench.model.task import Task
from bench.planning.estimate import Forecast
from bench.report.listener import Listener
from bench.store.file_lock import lock_problem
from bench.tracking.background_sync import BackgroundSync

Growth = Callable[[Mapping[str, Result]], Plan | None]
"""A function that gets the results of all tasks by their keys and returns a larger plan, or None.

The plan contains all earlier tasks too. Equal results give equal plans, so that a campaign that was
killed can be continued by asking again.
"""
LEAVING = "Leaving: the tasks on the cluster continue; see --on-interrupt."
CANCELLING = "Stopping: the tasks on the cluster are cancelled; finished results are recorded."


def prepare(plan: Plan, config: ExecutionConfig) -> None:
    """Start the fork server, so that it loads solvers and readers while the plan is checked."""
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

    Instances that are not linted yet are linted at the same time; ``lint_dir`` is the work folder.
    ``when_executed`` is called after the last task has ended, before MLflow has all results; its
    exception is raised after these are uploaded. ``grow`` extends the plan according to the
    results; all results are then uploaded once it stops, and an exception in ``grow`` ends the
    campaign.

    After an interrupt, finished results are in the journal and some tasks are missing. Nothing
    waits for MLflow before the last task has ended, and nothing is lost if MLflow fails. A plan
    that stops early because it is decided leaves the remaining tasks.
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
        _write_origin(collected, where, session, config)
        if grow is not None and collected.growing:
            _execute_growing(collected, grow, session, config, listener, lint_dir=lint_dir)
            _write_origin(collected, where, session, config)
        background_sync = None
        if not config.no_mlflow:
            background_sync = stack.enter_context(
                live_delivery(session.folder, where, listener, system_metrics=config.system_metrics)
            )
        try:
            if grow is None:
                notify = background_sync.notify if background_sync else lambda: None
                _execute(collected, session, config, listener, lint_dir=lint_dir, notify=notify)
            done = _ended(collected, session, config)
        except KeyboardInterrupt:  # after the last task; it is raised only once
            collected.interrupted = True
            done = _ended(collected, session, config)
        with shown_before(when_executed, done):
            if background_sync is not None:
                done = _recorded(done, background_sync, listener)
    return done


def _ended(
    collected: _Collected, session: CampaignSession, config: ExecutionConfig
) -> CampaignResult:
    """Keep what the campaign has found out, and return its result without MLflow."""
    answers.update(session.folder.parent)
    if collected.stop is not None:
        _write_manifest(collected, session, config)
    return collected.so_far()


def _warn_without_locks(folder: Path, listener: Listener) -> None:
    """Warn if nothing prevents two commands from writing to the same journal."""
    with suppress(OSError):  # a later write reports a folder that cannot be written
        if problem := lock_problem(folder):
            listener.message(
                f"Warning: {folder} is on a file system {problem}; do not execute a second "
                "command on this sweep at the same time"
            )


class _Collected:
    """The results of a campaign's tasks as they arrive, and the tasks without one."""

    def __init__(
        self,
        plan: Plan,
        where: Target,
        session: CampaignSession,
        config: ExecutionConfig,
        listener: Listener,
    ) -> None:
        """Begin with the results of earlier processes.

        ``todo`` are the tasks to execute, ``record`` is the level of what may be uploaded to
        MLflow.
        """
        self.plan = plan
        self.todo = pending_tasks(plan.tasks, session.results, config)
        self.lost: Counter[str] = Counter()
        self.interrupted = False
        self.growing = False
        self._where, self._folder, self._for_mlflow = where, session.folder, not config.no_mlflow
        self.record = config.record or _earlier_level(session.folder)
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
        """The reason why no further task is executed, None while nothing is decided."""
        return self._monitor.stop if self._monitor else None

    @property
    def looks(self) -> Looks | None:
        """The looks of the plan, including the one that has ended it."""
        if self.plan.looks is None or self._monitor is None:
            return self.plan.looks
        return replace(self.plan.looks, stopped_at=self._monitor.stopped_at)

    @property
    def n_missing(self) -> int:
        """The number of tasks without a result."""
        return len(self._waiting)

    def grow(self, grow: Growth) -> None:
        """Extend the plan while all of its tasks have a result."""
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
        """Add a result; of several attempts of a task, the one that counts is kept."""
        key = result.task.key
        self._by_key[key] = counting_one(self._earlier.get(key), result)
        self._waiting.discard(key)
        if self._monitor is not None:
            self._monitor.take({key: self._by_key[key]})

    def so_far(self) -> CampaignResult:
        """Return the result of the campaign as far as it is known without MLflow."""
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
    """Execute the plan, and then each extension of it, until it stops or the user stops it.

    Each task is in the manifest before it is executed.
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
        from bench.app.campaign.spooled_results import keep_plan  # noqa: PLC0415 - rare

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
    """Wait for MLflow to get the rest; after an interrupt, only for the current record."""
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

    A task whose instance was rejected, and no longer is (``--no-lint``), has no result either.
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
    """Return the executor, which writes files below the campaign's folder.

    Tasks that it loses are counted by reason.
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
        n_executions={} if how.elsewhere else _executions_elsewhere(session.folder, collected.todo),
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
        begun=_begun(session.folder, collected) if how.elsewhere else {},
    )
    return executors.create(how.executor, config)


def _executions_elsewhere(folder: Path, tasks: Iterable[Task]) -> dict[str, int]:
    """Return how many executions of tasks may have a folder already, on a cluster.

    A cluster may still execute tasks for an earlier command that has detached.
    """
    from bench.execution.cluster import claims  # noqa: PLC0415 - rare
    from bench.execution.cluster.orders import exchange_of  # noqa: PLC0415 - rare

    return {task.key: claims.MOST for task in tasks} if exchange_of(folder).is_dir() else {}


def _begun(folder: Path, collected: _Collected) -> dict[Pair, Machine]:
    """Return the machines that began pairs, from the results that are not to be repeated."""
    campaign = Campaign.read(folder)
    again = {task.key for task in collected.todo}
    return begun_pairs(
        (one.task, Machine(campaign.machine_of(one) or "", campaign.machine_class_of(one) or ""))
        for one in collected.results
        if one.task.key not in again
    )


def _identity(plan: Plan, session: CampaignSession) -> origin.CampaignIdentity:
    return session.identity(name=plan.name, kind=plan.kind, command=plan.command)


def _write_manifest(
    collected: _Collected, session: CampaignSession, config: ExecutionConfig
) -> None:
    """Write the plan next to the journal, with the look that has ended it."""
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
            record=collected.record,
            directory=str(Path.cwd()),
            growing=collected.growing,
            looks=collected.looks,
        ),
    )


def _earlier_level(folder: Path) -> RecordLevel:
    """Return the level of what was allowed to be uploaded to MLflow so far."""
    return record_level(folder, manifest.sound(folder), origin.read(folder))


def _write_origin(
    collected: _Collected, where: Target, session: CampaignSession, config: ExecutionConfig
) -> None:
    """Write the store and the command of the campaign next to the journal."""
    plan = collected.plan
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
        record=collected.record,
    )
