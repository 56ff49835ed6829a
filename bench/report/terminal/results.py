"""Results of a campaign as a table for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from bench.journal.table import row
from bench.model.printable import escaped
from bench.model.results.result import Result
from bench.model.results.verdict import Category, VerdictKind
from bench.model.results.verification import Level, Violation
from bench.model.task import Task
from bench.report.result_tables import FOUND, INSTANCE, MARK, SETTING, STATUS, Row
from bench.report.tables import grid
from bench.report.terminal.table import render_fitting, shortened
from bench.verification.solutions import notable

NAME_WIDTH = 26
LEAST_NAME_WIDTH = 12
DISPENSABLE = ("LP its", "MiB", "confirmed", "nodes", "dual", "feasible", "gap")
"""Columns to leave out if a line has no room for them, the first one first."""
SHOWN = 5
"""The number of remarks that are shown in full."""
COLUMNS = (INSTANCE, STATUS, *FOUND)
OF_SEVERAL = (INSTANCE, SETTING, STATUS, *FOUND)
"""The columns of results of several settings."""


def results_table(results: Sequence[Result]) -> str:
    """Return one row per result; unknown values are a dash, ``NO`` an infeasible solution.

    Names are shortened, to 12 characters if necessary, and then columns left out, so that a line
    fits the screen. Remarks on the marks are below the table.
    """
    return "\n".join([_table(results), *_remarks(results)])


def _table(results: Sequence[Result]) -> str:
    by_seed = len({result.task.seed for result in results}) > 1
    several = len({result.task.setting.name for result in results}) > 1
    columns = OF_SEVERAL if several else COLUMNS
    shown = grid(columns, [_row(result, by_seed=by_seed) for result in results])
    return render_fitting(
        shown.header,
        shown.rows,
        left=3 if several else 2,
        dispensable=DISPENSABLE,
        least_name=LEAST_NAME_WIDTH,
        paint=_style,
    )


def _style(column: str, cell: str) -> str:
    is_bad = cell.startswith("WRONG") or (column == "feasible" and cell == "NO")
    return "bold red" if is_bad else ""


def problems(results: Sequence[Result]) -> list[str]:
    """Return a line for each wrong or failed result, and for the inconsistent instances.

    Where the results are of several settings or seeds, each line names its own; if all results of
    an instance have the same reason, they share a line.
    """
    tasks = [result.task for result in results]
    by_setting = len({task.setting.name for task in tasks}) > 1
    by_seed = len({task.seed for task in tasks}) > 1
    n_tasks = Counter(task.instance.label for task in tasks)
    bad: dict[tuple[str, str], list[Task]] = {}
    for result in results:
        if result.verdict.bad:
            what = f"{result.verdict.category.value}: {result.verdict.reason}"
            bad.setdefault((result.task.instance.label, what), []).append(result.task)
    lines = []
    for (instance, what), alike in bad.items():
        if 1 < len(alike) == n_tasks[instance]:
            lines.append(f"{instance} (all {len(alike)} tasks): {what}")
        else:
            sources = (_source(task, by_setting=by_setting, by_seed=by_seed) for task in alike)
            lines += [f"{source}: {what}" for source in sources]
    torn = {r.task.instance.label for r in results if r.verdict.kind is VerdictKind.INCONSISTENT}
    if torn:
        lines.append(f"results contradict each other on: {', '.join(sorted(torn))}")
    return lines


def _source(task: Task, *, by_setting: bool, by_seed: bool) -> str:
    """Return the instance of a task, with the setting and the seed on demand."""
    details = [task.setting.name] if by_setting else []
    details += [f"seed {task.seed}"] if by_seed else []
    return f"{task.instance.label} ({', '.join(details)})" if details else task.instance.label


def summary(setting: str, aggregates: Mapping[str, float], n_planned: int = 0) -> str:
    """Return one line about a setting: solved results, mean time, and disturbed results.

    ``n_planned`` is the number of its tasks; if fewer have a result, the line begins with that.
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
        parts.append(f"{aggregates['disturbed']:g} disturbed by an external slowdown")
    return f"{setting}: {'; '.join(parts)}"


def _remarks(results: Sequence[Result]) -> Iterator[str]:
    """Yield lines on the first solutions with a large violation, and on those without a check."""
    marked = [(result, large) for result in results if (large := _large(result)) is not None]
    for result, large in marked[:SHOWN]:
        place = f"{large.quantity} {large.where_absolute or large.where}".strip()
        yield (
            f"{MARK} {_name(result)}: {place} is off by {large.absolute:.3g}, which the relative "
            "tolerance accepts"
        )
    if len(marked) > SHOWN:
        yield f"{MARK} {len(marked) - SHOWN} more; see bench show INSTANCE"
    unchecked = [
        (result, check.skipped)
        for result in results
        if (check := result.verification) is not None
        and check.skipped is not None
        and result.answer.primal_bound is not None
    ]
    for result, reason in unchecked[:SHOWN]:
        yield f"{_name(result)}: the solution was not checked: {reason}"
    if len(unchecked) > SHOWN:
        yield f"{len(unchecked) - SHOWN} more solutions were not checked; see bench show INSTANCE"


def _large(result: Result) -> Violation | None:
    found = result.verification
    return None if found is None or found.level is Level.NONE else notable(found)


def _name(result: Result) -> str:
    seed = f", seed {result.task.seed}" if result.task.seed else ""
    return f"{escaped(result.task.instance.label)} ({result.task.setting.name}{seed})"


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
