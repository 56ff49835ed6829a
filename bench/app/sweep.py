"""Execute settings x instances x seeds, and continue after interruptions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bench.app.campaign.campaign_result import CampaignResult
from bench.app.campaign.execute_plan import execute_plan, pending_tasks, prepare
from bench.app.campaign.execution_config import ExecutionConfig, execution_config_of
from bench.app.campaign.lint_instances import lint_first, lint_refused
from bench.app.campaign.plan import Plan, tell_notes, with_instances
from bench.app.campaign.plan_sweep import SweepOptions, declaration, planned_sweep
from bench.app.campaign.sequential import until_of, with_looks
from bench.app.campaign.session import CampaignSession, continue_sweep
from bench.app.campaign.starts import checked_starts
from bench.app.campaign.target import Target
from bench.app.progress import listener_of, tell
from bench.errors import UsageError
from bench.execution import registry as executors
from bench.journal.counted_results import left_out_lines
from bench.planning.declaration import Declaration
from bench.planning.estimate import Forecast
from bench.report.listener import Listener
from bench.store.uri import resolve_uri


def sweep(
    options: SweepOptions, *, when_executed: Callable[[CampaignResult], object] = lambda _: None
) -> CampaignResult:
    """Execute the tasks of a sweep that have no result, and record them in journal and MLflow.

    The same options continue a sweep: finished tasks are not executed again, except with ``fresh``.
    ``when_executed`` is called after the last task has ended, before MLflow gets the rest. Raise
    UsageError for an error in the sweep file or the options before anything is executed, BenchError
    if none of the instances can be used. A store that cannot be reached is not an error: see
    ``undelivered`` of the result.
    """
    listener = listener_of(options.progress)
    work_dir = Path(options.work_dir)
    said, files = declaration(options)
    until = until_of(options.until, said.until)
    plan = planned_sweep(said, files, command=options.command)
    plan.check_executable(listener.message)
    tell_notes(plan.notes, listener)
    experiment = options.target_experiment(said.experiment_name)
    where = Target(resolve_uri(options.given_uri()), experiment, options.run_id)
    how = replace(
        execution_config_of(
            options,
            threads=plan.n_threads,
            jobs=_jobs(options, said),
            record=said.record,
            declared=said.execution,
        ),
        retry_failed=options.retry_failed,
        redo_disturbed=options.redo_disturbed,
    )
    if until is not None and how.elsewhere:
        raise UsageError(
            f"--until saves nothing with the executor {how.executor}, which submits all tasks at "
            "once; use --executor local"
        )
    prepare(plan, how)
    lint_dir = None if said.lint is False else work_dir
    if lint_dir is not None:
        plan = lint_first(plan, lint_dir, listener, how)
    session = continue_sweep(work_dir, plan.name, fresh=options.fresh)
    if lint_dir is not None:
        plan = lint_refused(plan, session.results.values(), lint_dir, listener)
    stored = session.looks
    if until is None and (known := _known_durations(plan, session)):
        linted = plan.instance_set.instances
        plan = with_instances(planned_sweep(said, files, known, options.command), linted)
    plan = with_looks(plan, until, stored)
    _announce(plan, session, how, listener)
    plan = checked_starts(plan, listener)
    done = execute_plan(
        plan, where, session, how, listener, lint_dir=lint_dir, when_executed=when_executed
    )
    tell(listener, (f"Note: {line}" for line in left_out_lines(session.folder)))
    return done


def _jobs(options: SweepOptions, said: Declaration) -> int | None:
    """Return the number of simultaneous tasks on this machine, None if it is not given.

    The number in a sweep file is for executors on this machine; a cluster has its own option.
    """
    if options.jobs is not None:
        return options.jobs
    return None if options.executor in executors.ELSEWHERE else said.jobs


def _known_durations(plan: Plan, session: CampaignSession) -> dict[str, float]:
    """Return the duration of tasks on each instance so far, in seconds by the instance's name."""
    forecast = Forecast([])
    for result in session.results.values():
        forecast.learn(result.task.instance.label, result.execution.wall_s)
    names = {instance.label for instance in plan.instance_set.instances}
    seconds = {name: forecast.expected_s(name) for name in names}
    return {name: value for name, value in seconds.items() if value is not None}


def _announce(
    plan: Plan, session: CampaignSession, how: ExecutionConfig, listener: Listener
) -> None:
    todo = pending_tasks(plan.tasks, session.results, how)
    n_again = sum(one.key in session.results for one in todo)
    if session.notice:
        listener.message(f"Note: {plan.name}: {session.notice}")
    if not todo:
        undisturbed = ", and no counted result was disturbed" if how.redo_disturbed else ""
        listener.message(
            f"{plan.name}: nothing left to do, all of its tasks are finished ({len(plan.tasks)})"
            f"{undisturbed}; --fresh executes them again."
        )
    elif len(todo) < len(plan.tasks) or n_again:
        again = f", {n_again} of them again" if n_again else ""
        listener.message(
            f"{plan.name}: {len(todo)} of {len(plan.tasks)} tasks are left to do{again}."
        )
