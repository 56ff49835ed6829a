"""Results of a campaign as a table for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bench.journal.table import row
from bench.model.results.result import Result
from bench.model.results.verdict import Category, VerdictKind
from bench.model.results.verification import Level, Violation
from bench.report.result_tables import FOUND, INSTANCE, MARK, STATUS, Row
from bench.report.tables import grid
from bench.report.terminal.table import render_fitting, shortened
from bench.verification.solutions import notable

NAME_WIDTH = 26
LEAST_NAME_WIDTH = 12
DISPENSABLE = ("LP its", "MiB", "confirmed", "nodes", "dual", "feasible", "gap")
"""Columns that are left out where a line has no room for them, the first one first."""
SHOWN = 5
"""So many remarks are told in full."""
COLUMNS = (INSTANCE, STATUS, *FOUND)


def results_table(results: Sequence[Result]) -> str:
    """Return one row a result; what is unknown is a dash, and ``NO`` a solution that does not hold.

    Names are shortened, to 12 characters if need be, and then columns left out, so that a line
    fits the screen. Beneath stands what is marked in the table.
    """
    return "\n".join([_table(results), *_remarks(results)])


def _table(results: Sequence[Result]) -> str:
    by_seed = len({result.task.seed for result in results}) > 1
    shown = grid(COLUMNS, [_row(result, by_seed=by_seed) for result in results])
    return render_fitting(
        shown.header,
        shown.rows,
        left=2,
        dispensable=DISPENSABLE,
        least_name=LEAST_NAME_WIDTH,
        paint=_style,
    )


def _style(column: str, cell: str) -> str:
    is_bad = cell.startswith("WRONG") or (column == "feasible" and cell == "NO")
    return "bold red" if is_bad else ""


def problems(results: Sequence[Result]) -> list[str]:
    """Return a line for each result that is wrong or failed, and for the inconsistent instances."""
    lines = [
        f"{result.task.instance.label}: {result.verdict.category.value}: {result.verdict.reason}"
        for result in results
        if result.verdict.bad
    ]
    torn = {r.task.instance.label for r in results if r.verdict.kind is VerdictKind.INCONSISTENT}
    if torn:
        lines.append(f"answers contradict each other on: {', '.join(sorted(torn))}")
    return lines


def summary(setting: str, aggregates: Mapping[str, float], n_planned: int = 0) -> str:
    """Return one line on a setting: what was solved, in which mean time, and what was disturbed.

    ``n_planned`` is the number of its tasks: fewer that have a result come first in the line.
    """
    counts = [f"{aggregates['solved']:g} of {aggregates['n_tasks']:g} solved"]
    if aggregates["one_reader"]:
        counts[0] += f" ({aggregates['one_reader']:g} with one reader)"
    counts += [
        f"{aggregates[name]:g} {word}"
        for name, word in (("limits", "at a limit"), ("wrong", "WRONG"), ("failed", "failed"))
        if aggregates[name]
    ]
    parts = [", ".join(counts)]
    if n_planned > aggregates["n_tasks"]:
        parts.insert(0, f"{aggregates['n_tasks']:g} of {n_planned} tasks finished")
    time = aggregates.get("time_sgm1_s")
    if time is not None and aggregates["n_tasks"] > 1:
        mean = f"shifted geometric mean {time:.2f} s"
        parts.append(f"{mean} (shift 1 s, times below 0.5 s count as 0.5 s)")
    if aggregates.get("disturbed"):
        parts.append(f"{aggregates['disturbed']:g} disturbed by something else")
    return f"{setting}: {'; '.join(parts)}"


def _remarks(results: Sequence[Result]) -> Iterator[str]:
    """Yield a line for each result whose solution is off by much, the first few of them."""
    marked = [(result, large) for result in results if (large := _large(result)) is not None]
    for result, large in marked[:SHOWN]:
        place = f"{large.quantity} {large.where_absolute or large.where}".strip()
        yield (
            f"{MARK} {_name(result)}: {place} is off by {large.absolute:.3g}, which is small only "
            "relative to the numbers in it"
        )
    if len(marked) > SHOWN:
        yield f"{MARK} {len(marked) - SHOWN} more; see bench show INSTANCE"


def _large(result: Result) -> Violation | None:
    found = result.verification
    return None if found is None or found.level is Level.NONE else notable(found)


def _name(result: Result) -> str:
    seed = f", seed {result.task.seed}" if result.task.seed else ""
    return f"{result.task.instance.name} ({result.task.setting.name}{seed})"


def _row(result: Result, *, by_seed: bool) -> Row:
    """Return a row with the seed in its name, and always with a time: else the process's."""
    values = row(result)
    name = result.task.instance.label + (f" s{result.task.seed}" if by_seed else "")
    status = values["status"] or values["termination"]
    if result.verdict.category is Category.WRONG:
        status = f"WRONG ({status})"
    seconds = values["solve_time_s"]
    return values | {
        "instance": shortened(name, NAME_WIDTH),
        "status": status,
        "solve_time_s": result.execution.wall_s if seconds is None else seconds,
    }
