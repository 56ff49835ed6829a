"""Results of a campaign as a table for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.model.result import Result
from bench.model.verdict import Category, Kind
from bench.model.verification import Level, Verification
from bench.report.terminal.table import render, shortened

HEADER = (
    "instance",
    "status",
    "primal",
    "dual",
    "gap",
    "nodes",
    "LP its",
    "seconds",
    "MiB",
    "holds",
)
WIDTH = 100
NAME_WIDTH = 26
LEAST_NAME_WIDTH = 12
MISSING = "-"


def results_table(results: Sequence[Result]) -> str:
    """Return one row a result; what is unknown is a dash, and ``NO`` a solution that does not hold.

    Names are shortened, to 12 characters if need be, so that a line has at most 100.
    """
    by_seed = len({result.task.seed for result in results}) > 1
    rows = [_row(result, by_seed=by_seed) for result in results]
    text = render(HEADER, rows, left=2)
    excess = len(text.splitlines()[1]) - WIDTH
    if excess <= 0:
        return text
    room = max(LEAST_NAME_WIDTH, max(len(row[0]) for row in rows) - excess)
    return render(HEADER, [[shortened(row[0], room), *row[1:]] for row in rows], left=2)


def problems(results: Sequence[Result]) -> list[str]:
    """Return a line for each result that is wrong or failed, and for the inconsistent instances."""
    lines = [
        f"{result.task.instance.name}: {result.verdict.category.value}: {result.verdict.reason}"
        for result in results
        if result.verdict.bad
    ]
    torn = {r.task.instance.name for r in results if r.verdict.kind is Kind.INCONSISTENT}
    if torn:
        lines.append(f"answers contradict each other on: {', '.join(sorted(torn))}")
    return lines


def summary(setting: str, aggregates: Mapping[str, float]) -> str:
    """Return one line on a setting: what was solved, and in which mean time."""
    counts = [f"{aggregates['solved']:g} of {aggregates['n_tasks']:g} solved"]
    counts += [
        f"{aggregates[name]:g} {word}"
        for name, word in (("limits", "at a limit"), ("wrong", "WRONG"), ("failed", "failed"))
        if aggregates[name]
    ]
    time = aggregates.get("time_sgm1_s")
    mean = "" if time is None else f"; shifted geometric mean {time:.2f} s (shift 1 s, from 0.5 s)"
    return f"{setting}: {', '.join(counts)}{mean}"


def _row(result: Result, *, by_seed: bool) -> list[str]:
    answer, execution = result.answer, result.execution
    name = result.task.instance.name + (f" s{result.task.seed}" if by_seed else "")
    status = answer.status or execution.termination.value
    if result.verdict.category is Category.WRONG:
        status = f"WRONG ({status})"
    seconds = execution.wall_s if answer.solve_time_s is None else answer.solve_time_s
    return [
        shortened(name, NAME_WIDTH),
        status,
        _number(answer.primal_bound),
        _number(answer.dual_bound),
        MISSING if answer.gap is None else f"{100 * answer.gap:.2f}%",
        MISSING if answer.n_nodes is None else str(answer.n_nodes),
        MISSING if answer.n_lp_iterations is None else str(answer.n_lp_iterations),
        f"{seconds:.2f}",
        MISSING if execution.peak_mib is None else f"{execution.peak_mib:.0f}",
        _level(result.verification),
    ]


def _level(found: Verification | None) -> str:
    """Return the tolerance to which the solution holds, or NO."""
    if found is None or found.skipped is not None:
        return MISSING
    return "NO" if found.level is Level.NONE else found.level.value


def _number(value: float | None) -> str:
    return MISSING if value is None else f"{value:.8g}"
