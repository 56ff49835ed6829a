"""The page's rows of results, the details of a selected one, and the ends of the logs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bench.instances.labels import family
from bench.model.results.fields import LABELS
from bench.model.results.result import Result
from bench.model.results.verdict import FAILURES, Category
from bench.model.workspace import Workspace
from bench.report.page.cells import STYLE, known, number, text
from bench.report.result_tables import FOUND, INSTANCE, SEED, SETTING, STATUS, VERDICT
from bench.report.tables import Cells, grid

LINES = 20
WIDTH = 160
ROOM = 1_000_000
"""The total number of characters of all tails."""
_BYTES = 2 * LINES * WIDTH


@dataclass(frozen=True, slots=True)
class Logs:
    """The last lines by the position of the result; ``n_left_out`` logs did not fit."""

    tails: Mapping[int, str]
    n_left_out: int = 0


def logs(results: Sequence[Result | None], room: int = ROOM) -> Logs:
    """Return the ends of the logs, first those of wrong, failed or unsolved results.

    The positions are those of ``results``, which has None if only a row is known.
    """
    order = sorted(
        (at for at, result in enumerate(results) if result is not None),
        key=lambda at: (_urgency(results[at]), at),
    )
    tails: dict[int, str] = {}
    n_left_out = 0
    for at in order:
        result = results[at]
        found = tail(Workspace(result.folder)) if result and room > 0 else None
        if found:
            tails[at] = found
            room -= len(found)
        elif room <= 0:
            n_left_out += 1
    return Logs(dict(sorted(tails.items())), n_left_out)


def tail(workspace: Workspace) -> str:
    """Return the last 20 lines of a log, each truncated at 160 characters, or nothing."""
    log = workspace.log
    if log not in workspace.kept:
        return ""
    try:
        with log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _BYTES))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    lines = text.rstrip().splitlines()[-LINES:]
    return "\n".join(_printable(line)[:WIDTH] for line in lines)


def _printable(line: str) -> str:
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() or c == "\t" else " " for c in line)


def _urgency(result: Result | None) -> int:
    if result is None or result.verdict.solved:
        return 2
    return 0 if result.verdict.bad else 1


COLUMNS = (INSTANCE, SETTING, SEED, VERDICT, STATUS, *FOUND)
WORDS = frozenset({"instance", "setting", "verdict", "status"})
"""The columns that are sorted as texts."""
PROBLEMS = frozenset({Category.WRONG, *FAILURES})
DETAILS = {
    LABELS[column]: column
    for column in (
        *("verdict_reason", "evidence", "error", "noise", "lint", "verification_skipped"),
        *("reference", "reference_value", "time_limit_s", "memory_limit_mib", "wall_s", "cpu_s"),
        *("first_incumbent_time_s", "primal_dual_integral", "permutation", "key"),
    )
}
"""The details of a selected result, by the columns of the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRows:
    """All results, ready for display; ``families`` and ``details`` are in the order of the rows.

    A detail has a value for each of ``labels``, empty if it is unknown.
    """

    header: tuple[str, ...]
    rows: tuple[Cells, ...]
    families: tuple[str, ...]
    labels: tuple[str, ...]
    details: tuple[Cells, ...]
    logs: Logs

    @property
    def problems(self) -> tuple[tuple[int, Cells, str], ...]:
        """Wrong and failed results: position, cells, and the reason."""
        at = self.header.index("verdict")
        found = (k for k, row in enumerate(self.rows) if row[at] in PROBLEMS)
        return tuple((k, self.rows[k], self.details[k][0]) for k in found)

    def values(self, column: str) -> list[str]:
        """Return the different texts in a column, sorted."""
        at = self.header.index(column)
        return sorted({row[at] for row in self.rows})

    @property
    def tree(self) -> dict[str, Any]:
        """All data for the page's script, as JSON."""
        return {
            "rows": self.rows,
            "families": self.families,
            "labels": self.labels,
            "details": self.details,
            "logs": {str(at): tail for at, tail in self.logs.tails.items()},
        }


def result_rows(table: pd.DataFrame, logs: Logs) -> ResultRows:
    """Return the rows of a table of results (the columns of `bench.journal.table`)."""
    records = list(_records(table))
    shown = grid(COLUMNS, records, STYLE, labels=True)
    return ResultRows(
        header=shown.header,
        rows=shown.rows,
        families=tuple(family(str(each["instance"])) for each in records),
        labels=tuple(DETAILS),
        details=tuple(
            tuple(_detail(each.get(name)) for name in DETAILS.values()) for each in records
        ),
        logs=logs,
    )


def _records(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield the rows; None for unknown values."""
    names = [str(name) for name in table.columns]
    columns: Sequence[Sequence[Any]] = [table[name].tolist() for name in table.columns]
    for values in zip(*columns, strict=True):
        known_values = (value if known(value) else None for value in values)
        yield dict(zip(names, known_values, strict=True))


def _detail(value: Any) -> str:
    return number(value, 10) if isinstance(value, float) else text(value)
