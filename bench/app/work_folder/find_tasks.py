"""Find recorded tasks by the name of their instance or the beginning of their key."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.app.options import WORK_DIR
from bench.app.progress import Progress, listener_of
from bench.errors import UsageError
from bench.instances.labels import listed
from bench.journal.counted_results import Cause, counted_results
from bench.journal.last_campaign import is_key, named_or_last, of_task
from bench.model.results.result import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class FindOptions:
    """Which tasks: ``task`` is the name of an instance, or the beginning of a task's key.

    - ``sweep``: name or folder; None is the most recent one that has such a task
    - ``setting``, ``seed``: only tasks with these
    """

    task: str = field(kw_only=False)
    sweep: str | Path | None = None
    setting: str | None = None
    seed: int | None = None
    work_dir: str | Path = WORK_DIR
    progress: Progress = False

    def fits(self, result: Result) -> bool:
        """Return whether the task of a result matches."""
        return (
            self.is_named(result)
            and self.setting in {None, result.task.setting.name}
            and self.seed in {None, result.task.seed}
        )

    def is_named(self, result: Result) -> bool:
        """Return whether a result is of the instance or has the key, with any setting."""
        names = {result.task.instance.name, result.task.instance.label}
        return self.task in names or is_key(self.task, result.task.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTasks:
    """The results of the matching tasks; ``causes`` are the reasons why some do not count."""

    folder: Path
    results: tuple[Result, ...]
    causes: Mapping[str, Cause]
    notes: tuple[str, ...]


def find_tasks(options: FindOptions) -> FoundTasks:
    """Return the matching recorded tasks; if the present plan has any, only those.

    If no sweep is named, the listener is told which one is used. Raise UsageError if no task
    matches.
    """
    listener = listener_of(options.progress)
    name = None if options.sweep is None else str(options.sweep)
    folder = named_or_last(
        Path(options.work_dir), name, of_task(options.task), tell=listener.message
    )
    counted = counted_results(folder)
    left_out = [each.result for each in counted.left_out]
    planned = tuple(filter(options.fits, counted.results))
    unplanned = tuple(filter(options.fits, left_out))
    found = planned or unplanned
    if not found:
        raise UsageError(f"{folder.name}: {_missing(options, [*counted.results, *left_out])}")
    causes = {each.result.task.key: each.cause for each in counted.left_out}
    notes = counted.lines if planned and unplanned else ()
    return FoundTasks(
        folder=folder,
        results=found,
        causes=causes,
        notes=(*notes, *_left_out_lines(found, causes)),
    )


def _left_out_lines(found: Iterable[Result], causes: Mapping[str, Cause]) -> Iterator[str]:
    """Yield a line for each result that does not count."""
    for result in found:
        if result.task.key in causes:
            yield (
                f"{result.task.key[:12]} ({result.task.setting.name}) is not counted, because the "
                f"current plan of the sweep does not contain it: {causes[result.task.key]}"
            )


def _listed(values: Iterable[object]) -> str:
    return ", ".join(map(str, values))


def _missing(options: FindOptions, results: list[Result]) -> str:
    """Return what exists instead of the requested task."""
    wanted = options.task
    named = [result.task for result in results if options.is_named(result)]
    settings = sorted({task.setting.name for task in named})
    if options.setting in {None, *settings} and named:
        fitting = [task for task in named if options.setting in {None, task.setting.name}]
        seeds = sorted({task.seed for task in fitting})
        return f"no task of {wanted} with seed {options.seed}; its seeds are: {_listed(seeds)}"
    if named:
        return f"{wanted} has no such task; its settings are: {_listed(settings)}"
    names = sorted({result.task.instance.label for result in results})
    if not names:
        return f"no such task {wanted!r}: there are no results yet; see bench status"
    near = difflib.get_close_matches(wanted, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known instances: {listed(names)}"
    return f"no such task {wanted!r}; {hint}"
