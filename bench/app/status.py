"""The progress of a campaign, running or finished."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench.app.campaign.spooled_results import record_spooled
from bench.app.options import WORK_DIR
from bench.app.work_folder.list_campaigns import damage_lines
from bench.comparison.machines.workers import rows_of_results, workers
from bench.errors import UsageError
from bench.execution.cluster import cluster_jobs
from bench.execution.cluster.orders import exchange_of
from bench.execution.request import KEY_DIGITS
from bench.execution.running_tasks import running_task
from bench.journal import manifest
from bench.journal.campaign import SWEEP, TUNE
from bench.journal.counted_results import counted_results
from bench.journal.journal import Journal
from bench.journal.last_campaign import named_or_last
from bench.model.planned_task import PlannedTask
from bench.model.results.result import Result
from bench.model.running_task import RunningTask
from bench.planning.estimate import Forecast
from bench.report.terminal.status import SettingState, State
from bench.tuning.record import Phase, Progress, read_progress


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusOptions:
    """Which sweep: its name or folder; None is the most recent one."""

    name: str | Path | None = field(default=None, kw_only=False)
    work_dir: str | Path = WORK_DIR


def status(options: StatusOptions, *, jobs: Sequence[str] | None = None) -> State:
    """Return the progress of a sweep; UsageError if there is none.

    ``jobs`` are the lines about its jobs on a cluster; None asks the queue.
    """
    name = None if options.name is None else str(options.name)
    folder = named_or_last(Path(options.work_dir), name)
    plan = manifest.read(folder)
    if plan is None:
        raise UsageError(f"{folder}: there is no sweep in this folder")
    record_spooled(folder)
    journal = Journal(folder)
    pid = journal.writer()
    counted = counted_results(folder)
    results = {result.task.key: result for result in counted.results}
    missing = [task for task in plan.tasks if task.key not in results]
    forecast = Forecast(missing, plan.jobs)
    for result in results.values():
        forecast.learn(result.task.instance.label, result.execution.wall_s)
    jobs = cluster_jobs.live(exchange_of(folder)) if jobs is None else jobs
    running = tuple(
        one for one in _running(missing, folder / "tasks") if jobs or pid is not None or one.worker
    )
    left = forecast.left({one.key: one.elapsed_s for one in running})
    tuning = read_progress(folder) if plan.kind == TUNE else None
    expected_s = left.expected_s
    if tuning is not None:
        expected_s = _rest_of_budget_s(tuning, results.values(), plan.jobs)
    return State(
        name=plan.name if plan.kind in {SWEEP, TUNE} else folder.name,
        folder=str(folder),
        pid=pid,
        running=running,
        jobs=jobs,
        settings=_settings(plan, results),
        left_out={str(cause): n for cause, n in counted.counts.items()},
        left_out_lines=counted.lines,
        damage_lines=damage_lines(Path(options.work_dir)) if name is None else (),
        expected_s=expected_s,
        worst_s=left.worst_s,
        growing=plan.growing or (tuning is not None and tuning.phase is not Phase.DONE),
        tuning=tuning,
        command=manifest.continuing(plan.command),
        looks=plan.looks,
        workers=workers(rows_of_results(results.values())),
    )


def _rest_of_budget_s(tuning: Progress, results: Iterable[Result], jobs: int) -> float | None:
    """Return the expected time for the rest of a budget, by the wall time per CPU second so far."""
    known = [each.execution for each in results if each.execution.cpu_s]
    cpu_s = sum(each.cpu_s or 0.0 for each in known)
    if not cpu_s:
        return None
    wall_s = sum(each.known_wall_s for each in known)
    return max(tuning.budget_s - cpu_s, 0.0) * wall_s / cpu_s / max(jobs, 1)


def _running(missing: Iterable[PlannedTask], folder: Path) -> Iterator[RunningTask]:
    """Yield the latest attempt of each task that has a folder but no result."""
    folders: dict[str, Path] = {}
    with suppress(OSError):
        for path in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime):
            folders[path.name[-KEY_DIGITS:]] = path
    for task in missing:
        if (found := folders.get(task.key[:KEY_DIGITS])) is not None:
            yield running_task(task, found)


def _settings(plan: manifest.Manifest, results: dict[str, Result]) -> list[SettingState]:
    states = []
    for setting in plan.settings:
        own = [task for task in plan.tasks if task.setting == setting.name]
        found = [results[task.key] for task in own if task.key in results]
        states.append(
            SettingState(
                name=setting.name,
                n_tasks=len(own),
                categories=Counter(result.verdict.category for result in found),
                n_disturbed=sum(result.execution.disturbed for result in found),
            )
        )
    return states
