"""The state of a campaign as a table and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.model.verdict import FAILURES, Category
from bench.report.terminal.table import disambiguate, render, with_full_names

HEADER = (
    *("setting", "tasks", "finished", "solved", "limits", "wrong", "failed", "missing"),
    "disturbed",
)
WIDTH = 29


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingState:
    """How far a setting has come."""

    name: str
    n_tasks: int
    categories: Mapping[Category, int]
    n_disturbed: int = 0

    @property
    def n_finished(self) -> int:
        """How many of its tasks have a result."""
        return sum(self.categories.values())

    @property
    def n_solved(self) -> int:
        """How many are solved, with or without a reference."""
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
    """How far a campaign has come; ``pid`` is of the process that works on it, if any.

    ``left_out`` counts the results that the present plan does not contain, by cause;
    ``left_out_lines`` say so.
    """

    name: str
    folder: str
    pid: int | None
    running: Sequence[str]
    settings: Sequence[SettingState]
    expected_s: float | None
    worst_s: float | None
    command: str
    left_out: Mapping[str, int] = field(default_factory=dict)
    left_out_lines: Sequence[str] = ()

    @property
    def n_missing(self) -> int:
        """How many tasks have no result yet."""
        return sum(one.n_tasks - one.n_finished for one in self.settings)

    @property
    def word(self) -> str:
        """``going on``, ``done`` or ``stopped``."""
        if self.pid is not None:
            return "going on"
        return "stopped" if self.n_missing else "done"


def state_table(state: State) -> str:
    """Return one row a setting and one for all, in lines of at most 100 characters."""
    settings = [one.name for one in state.settings]
    names = disambiguate(settings, WIDTH)
    rows = [[names[one.name], *map(str, one.counts.values())] for one in state.settings]
    if len(rows) > 1:
        columns = zip(*(one.counts.values() for one in state.settings), strict=True)
        rows.append(["all", *(str(sum(column)) for column in columns)])
    return "\n\n".join(filter(None, (render(HEADER, rows), with_full_names(settings, WIDTH))))


def state_object(state: State) -> dict[str, Any]:
    """Return the state ready for JSON."""
    return {
        "name": state.name,
        "state": state.word,
        "folder": state.folder,
        "pid": state.pid,
        "running": list(state.running),
        "settings": [{"setting": one.name, **one.counts} for one in state.settings],
        "missing": state.n_missing,
        "left_out": dict(state.left_out),
        "expected_s": state.expected_s,
        "worst_s": state.worst_s,
        "continue": state.command if state.word == "stopped" else None,
    }
