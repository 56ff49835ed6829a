"""Results of a campaign as a table for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.journal.table import row
from bench.model.result import Result
from bench.model.verdict import Category, VerdictKind
from bench.report.result_tables import FOUND, INSTANCE, STATUS, Row
from bench.report.tables import grid
from bench.report.terminal.table import WIDTH, render, shortened

NAME_WIDTH = 26
LEAST_NAME_WIDTH = 12
COLUMNS = (INSTANCE, STATUS, *FOUND)


def results_table(results: Sequence[Result]) -> str:
    """Return one row a result; what is unknown is a dash, and ``NO`` a solution that does not hold.

    Names are shortened, to 12 characters if need be, so that a line has at most 100.
    """
    by_seed = len({result.task.seed for result in results}) > 1
    shown = grid(COLUMNS, (_row(result, by_seed=by_seed) for result in results))
    text = render(shown.header, shown.rows, left=2)
    excess = len(text.splitlines()[1]) - WIDTH
    if excess <= 0:
        return text
    room = max(LEAST_NAME_WIDTH, max(len(row[0]) for row in shown.rows) - excess)
    rows = [[shortened(name, room), *cells] for name, *cells in shown.rows]
    return render(shown.header, rows, left=2)


def problems(results: Sequence[Result]) -> list[str]:
    """Return a line for each result that is wrong or failed, and for the inconsistent instances."""
    lines = [
        f"{result.task.instance.name}: {result.verdict.category.value}: {result.verdict.reason}"
        for result in results
        if result.verdict.bad
    ]
    torn = {r.task.instance.name for r in results if r.verdict.kind is VerdictKind.INCONSISTENT}
    if torn:
        lines.append(f"answers contradict each other on: {', '.join(sorted(torn))}")
    return lines


def summary(setting: str, aggregates: Mapping[str, float]) -> str:
    """Return one line on a setting: what was solved, and in which mean time if of several."""
    counts = [f"{aggregates['solved']:g} of {aggregates['n_tasks']:g} solved"]
    counts += [
        f"{aggregates[name]:g} {word}"
        for name, word in (("limits", "at a limit"), ("wrong", "WRONG"), ("failed", "failed"))
        if aggregates[name]
    ]
    time = aggregates.get("time_sgm1_s")
    if time is None or aggregates["n_tasks"] == 1:
        return f"{setting}: {', '.join(counts)}"
    mean = f"shifted geometric mean {time:.2f} s (shift 1 s, times below 0.5 s count as 0.5 s)"
    return f"{setting}: {', '.join(counts)}; {mean}"


def _row(result: Result, *, by_seed: bool) -> Row:
    """Return a row with the seed in its name, and always with a time: else the process's."""
    values = row(result)
    name = result.task.instance.name + (f" s{result.task.seed}" if by_seed else "")
    status = values["status"] or values["termination"]
    if result.verdict.category is Category.WRONG:
        status = f"WRONG ({status})"
    seconds = values["solve_time_s"]
    return values | {
        "instance": shortened(name, NAME_WIDTH),
        "status": status,
        "solve_time_s": result.execution.wall_s if seconds is None else seconds,
    }
