"""The state of a campaign as a table and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.comparison.machines.workers import WorkerState, worker_lines
from bench.model.looks import Looks
from bench.model.results.verdict import FAILURES, Category
from bench.model.running_task import RunningTask
from bench.planning.estimate import duration_text
from bench.report.running_text import running_text
from bench.report.terminal.table import disambiguate, render, with_full_names
from bench.report.terminal.tuning import progress_lines, progress_object
from bench.tuning.candidate import STOCK
from bench.tuning.record import Progress

HEADER = (
    *("setting", "tasks", "finished", "solved", "limits", "wrong", "failed", "missing"),
    "disturbed",
)
WIDTH = 29
UNFINISHED = frozenset({"stopped", "on the cluster"})
"""The states of a campaign that its command continues."""
COUNTED = (
    *(("solved", "solved"), ("limits", "at a limit"), ("wrong", "WRONG"), ("failed", "failed")),
)
"""Columns whose sums are in the line of `state_line`, with their names there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingState:
    """The progress of a setting."""

    name: str
    n_tasks: int
    categories: Mapping[Category, int]
    n_disturbed: int = 0

    @property
    def n_finished(self) -> int:
        """The number of its tasks with a result."""
        return sum(self.categories.values())

    @property
    def n_solved(self) -> int:
        """The number of solved tasks, with or without a reference."""
        counts = Counter(self.categories)
        return counts[Category.SOLVED] + counts[Category.UNCONFIRMED]

    @property
    def counts(self) -> dict[str, int]:
        """Return the numbers of the table's columns, by their names."""
        counts = Counter(self.categories)
        return {
            "tasks": self.n_tasks,
            "finished": self.n_finished,
            "solved": self.n_solved,
            "limits": counts[Category.LIMIT],
            "wrong": counts[Category.WRONG],
            "failed": sum(counts[category] for category in FAILURES),
            "missing": self.n_tasks - self.n_finished,
            "disturbed": self.n_disturbed,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The progress of a campaign; ``pid`` is the process that works on it, if any.

    ``jobs`` are its waiting and running jobs on a cluster, one line each. ``left_out`` counts the
    results that the present plan does not contain, by cause; ``left_out_lines`` describe them.
    ``damage_lines`` name the unreadable campaigns of the work folder, if this one was chosen by
    default. ``looks`` are those of a sweep that runs until it is decided, ``workers`` those of a
    cluster that have executed tasks. ``growing``: more tasks will be planned. ``tuning`` is the
    progress of the tuning that plans them: the table then has only its incumbent and stock, and
    ``expected_s`` is for the rest of its budget.
    """

    name: str
    folder: str
    pid: int | None
    running: Sequence[RunningTask]
    settings: Sequence[SettingState]
    expected_s: float | None
    worst_s: float | None
    command: str
    jobs: Sequence[str] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    left_out_lines: Sequence[str] = ()
    growing: bool = False
    tuning: Progress | None = None
    damage_lines: Sequence[str] = ()
    looks: Looks | None = None
    workers: Sequence[WorkerState] = ()

    @property
    def n_missing(self) -> int:
        """The number of tasks without a result."""
        return sum(one.n_tasks - one.n_finished for one in self.settings)

    @property
    def word(self) -> str:
        """``running``, ``on the cluster``, ``done``, ``decided`` or ``stopped``."""
        if self.pid is not None:
            return "running"
        if self.jobs and self.n_missing:
            return "on the cluster"
        if self.n_missing and self.looks is not None and self.looks.stopped_at is not None:
            return "decided"
        return "stopped" if self.n_missing or self.growing else "done"

    @property
    def shown(self) -> Sequence[SettingState]:
        """The settings that have a row in the table."""
        if self.tuning is None:
            return self.settings
        return [one for one in self.settings if one.name in {STOCK, self.tuning.incumbent}]


def state_table(state: State) -> str:
    """Return one row per setting and one for all, in lines of at most 100 characters."""
    settings = [one.name for one in state.shown]
    names = disambiguate(settings, WIDTH)
    rows = [[names[one.name], *map(str, one.counts.values())] for one in state.shown]
    if len(state.settings) > 1:
        columns = zip(*(one.counts.values() for one in state.settings), strict=True)
        rows.append(["all", *(str(sum(column)) for column in columns)])
    return "\n\n".join(filter(None, (render(HEADER, rows), with_full_names(settings, WIDTH))))


def state_lines(state: State) -> list[str]:
    """Return the text for users: the state, its table, the running tasks, and the time left."""
    process = f" (process {state.pid})" if state.pid else ""
    lines = [f"{state.name}: {state.word}{process}", *state_table(state).splitlines()]
    lines += state.jobs
    lines += worker_lines(state.workers)
    is_known = state.pid is not None or state.jobs
    word = "running" if is_known else "no result yet"
    lines += [f"{word}: {running_text(one)}" for one in state.running]
    if state.looks is not None:
        lines.append(looks_line(state.looks))
    if state.tuning is not None:
        lines += progress_lines(state.tuning)
        if state.word != "done" and state.expected_s is not None:
            lines.append(f"left: {duration_text(state.expected_s)}")
        return lines
    if state.n_missing and state.word != "decided" and state.expected_s is not None:
        worst = "" if state.worst_s is None else f", at most {duration_text(state.worst_s)}"
        lines.append(f"left: {duration_text(state.expected_s)}{worst}")
    return lines


def looks_line(looks: Looks) -> str:
    """Return the numbers of instances at which a sweep is compared, and the look that ended it."""
    ended = f"; the one at {looks.stopped_at} ended the sweep" if looks.stopped_at else ""
    return f"looks at {', '.join(map(str, looks.sizes))} instances{ended}"


def state_line(state: State) -> str:
    """Return the state in one line, for outputs that cannot be redrawn."""
    numbers = Counter[str]()
    for one in state.settings:
        numbers.update(one.counts)
    counts = ", ".join(
        f"{numbers[name]} {word}" for name, word in COUNTED if numbers[name] or name == "solved"
    )
    left = "" if state.expected_s is None else f", ETA {duration_text(state.expected_s)}"
    progress = f"{numbers['finished']}/{numbers['tasks']} tasks, {counts}{left}"
    return "; ".join([f"{state.name}: {progress}", *map(running_text, state.running)])


def _running_object(task: RunningTask) -> dict[str, Any]:
    bounds = task.bounds
    return {
        "instance": task.planned.instance,
        "setting": task.planned.setting,
        "seed": task.planned.seed,
        "permutation": task.planned.permutation,
        "elapsed_s": task.elapsed_s,
        "time_limit_s": task.planned.time_limit_s,
        "clock": str(task.planned.clock),
        "solving": None if task.worker else task.is_solving,
        "sent_to": task.worker or None,
        "primal_bound": bounds.primal_bound if bounds else None,
        "dual_bound": bounds.dual_bound if bounds else None,
        "n_nodes": bounds.n_nodes if bounds else None,
    }


def state_object(state: State) -> dict[str, Any]:
    """Return the state ready for JSON."""
    return {
        "name": state.name,
        "state": state.word,
        "folder": state.folder,
        "pid": state.pid,
        "jobs": list(state.jobs),
        "workers": [asdict(one) for one in state.workers],
        "running": [_running_object(one) for one in state.running],
        "settings": [{"setting": one.name, **one.counts} for one in state.settings],
        "missing": state.n_missing,
        "left_out": dict(state.left_out),
        "expected_s": state.expected_s,
        "worst_s": state.worst_s,
        **({} if state.tuning is None else {"tuning": progress_object(state.tuning)}),
        "continue": state.command if state.word in UNFINISHED else None,
    }
