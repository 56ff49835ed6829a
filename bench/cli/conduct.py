"""Carrying out a plan: tasks executed, results in the journal, MLflow behind it, progress shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from bench.campaign import conduct
from bench.cli.opening import Opened
from bench.cli.plan import Plan
from bench.cli.progress import Progress
from bench.cli.recorder import Recorder
from bench.cli.stopping import Stopping
from bench.cli.target import Target
from bench.executors.in_process import InProcessExecutor
from bench.executors.local import LocalExecutor
from bench.executors.protocol import Executor
from bench.isolation import launch
from bench.isolation.cgroup import Delegation
from bench.model.planned import planned
from bench.model.result import Result
from bench.model.task import Task
from bench.model.verdict import Category
from bench.planning.forecast import Forecast
from bench.tracking import manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How tasks are executed: one at a time in each place; no place means in this process.

    ``facts`` say what can be enforced and measured here; they stand with the results.
    """

    places: tuple[frozenset[int], ...]
    delegation: Delegation | None = None
    facts: dict[str, str] = field(default_factory=dict)
    retry_failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Conducted:
    """What came of a plan: the newest result of each task, in the order of the plan."""

    folder: Path
    results: tuple[Result, ...]
    n_missing: int
    run_ids: dict[str, str | None]
    failures: tuple[str, ...]


def carry_out(plan: Plan, where: Target, opened: Opened, manner: Manner) -> Conducted:
    """Execute the tasks of the plan that have no result yet, and record them.

    After an interrupt, what was finished is recorded and some tasks are missing.
    """
    todo = to_execute(plan.tasks, opened.results, retry_failed=manner.retry_failed)
    waiting = {task.key for task in todo}
    keys = [task.key for task in plan.tasks]
    results = {key: opened.results[key] for key in keys if key not in waiting}
    _write_manifest(plan, opened, manner)
    with closing(opened.journal), Stopping() as stopping:
        if todo and manner.places:
            launch.prepare(plan.modules)
        recorder = Recorder(plan, where, opened, manner.facts)
        recorder.known(results.values())
        forecast = Forecast(map(planned, todo), len(manner.places))
        for known in results.values():
            forecast.learn(known.task.instance.name, known.execution.wall_s)
        with Progress(forecast, len(results)) if todo else nullcontext() as progress:
            executor = _executor(opened.folder / "tasks", manner, progress)
            arriving = conduct(todo, executor, plan.references, opened.journal, stopping.go_on)
            try:
                with closing(arriving):
                    for result in arriving:
                        results[result.task.key] = result
                        recorder.add(result)
                        if progress:
                            progress.done(result)
            except KeyboardInterrupt:
                stopping.requested = True
        n_missing = len(plan.tasks) - len(results)
        recorder.finish(complete=not n_missing)
    return Conducted(
        folder=opened.folder,
        results=tuple(results[key] for key in keys if key in results),
        n_missing=n_missing,
        run_ids={name: run.run_id for name, run in recorder.runs.items()},
        failures=recorder.failures,
    )


def to_execute(
    tasks: Iterable[Task], results: Mapping[str, Result], *, retry_failed: bool
) -> list[Task]:
    """Return the tasks without a result, and on request those whose result is a failure."""
    done = {
        key
        for key, result in results.items()
        if not (retry_failed and result.verdict.category is Category.FAILED)
    }
    return [task for task in tasks if task.key not in done]


def _executor(folder: Path, manner: Manner, progress: Progress | None) -> Executor:
    if not manner.places:
        return InProcessExecutor(folder)
    started = progress.started if progress else _ignore
    return LocalExecutor(folder, manner.places, started, manner.delegation)


def _ignore(task: Task) -> None:
    del task


def _write_manifest(plan: Plan, opened: Opened, manner: Manner) -> None:
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
