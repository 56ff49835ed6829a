"""The log of a task, finished or running."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from bench.app.progress import listener_of
from bench.app.work_folder.find_tasks import FindOptions, FoundTasks, find_tasks
from bench.errors import UsageError
from bench.execution.request import KEY_DIGITS
from bench.journal import manifest
from bench.journal.journal import Journal
from bench.journal.last_campaign import is_key, named_or_last, of_task
from bench.model.planned_task import PlannedTask, planned_task
from bench.model.results.result import Result
from bench.model.results.verdict import Category
from bench.model.workspace import Workspace


@dataclass(frozen=True, slots=True)
class TaskLog:
    """The log of a task; without a result it is still being written."""

    task: PlannedTask
    path: Path
    has_result: bool


def find_logs(options: FindOptions) -> list[TaskLog]:
    """Return the logs of the matching tasks, with those of running tasks last.

    Raise UsageError if no task matches, or if the matching ones have no log.
    """
    listener = listener_of(options.progress)
    name = None if options.sweep is None else str(options.sweep)
    folder = named_or_last(
        Path(options.work_dir), name, of_task(options.task), tell=listener.message
    )
    unfinished = list(_unfinished(folder, options))
    found = _finished(folder, options, needed=not unfinished)
    results = found.results if found else ()
    logs = [
        TaskLog(planned_task(result.task), Workspace(result.folder).log, has_result=True)
        for result in results
    ]
    there = [log for log in (*logs, *unfinished) if log.path.is_file()]
    if not there:
        raise UsageError(f"{folder.name}: no log of {options.task}: {_why_missing(results)}")
    return there


def _why_missing(results: Sequence[Result]) -> str:
    """Return why none of the results has a log."""
    refused = [one for one in results if one.verdict.category is Category.UNREADABLE]
    if refused and len(refused) == len(results):
        return f"no solver was started; {refused[0].verdict.reason}"
    return "the results were imported, or the files of the tasks were deleted"


def _finished(folder: Path, options: FindOptions, *, needed: bool) -> FoundTasks | None:
    try:
        return find_tasks(
            FindOptions(
                task=options.task,
                sweep=folder.absolute(),
                setting=options.setting,
                seed=options.seed,
            )
        )
    except UsageError:
        if needed:
            raise
        return None


def _unfinished(folder: Path, options: FindOptions) -> Iterator[TaskLog]:
    plan = manifest.sound(folder)
    if plan is None:
        return
    finished = Journal(folder).finished()
    folders = {path.name[-KEY_DIGITS:]: path for path in sorted((folder / "tasks").glob("*"))}
    for task in plan.tasks:
        path = folders.get(task.key[:KEY_DIGITS])
        if path is None or task.key in finished or not _fits(task, options):
            continue
        yield TaskLog(task, Workspace(path).log, has_result=False)


def _fits(task: PlannedTask, options: FindOptions) -> bool:
    names = {task.instance, PurePath(task.instance).name}
    return (
        (options.task in names or is_key(options.task, task.key))
        and options.setting in {None, task.setting}
        and options.seed in {None, task.seed}
    )
