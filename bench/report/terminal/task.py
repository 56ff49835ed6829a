"""Everything known about one task, for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from bench.model.instances.problem import ProblemStatistics
from bench.model.planned_task import PlannedTask, planned_task
from bench.model.results.result import Result
from bench.model.task import Task
from bench.model.workspace import Workspace
from bench.report.terminal.bounds_plot import DUAL, PRIMAL, bounds_plot
from bench.report.terminal.table import render, shortened, text_width
from bench.report.terminal.verification import verification_table
from bench.verification.solutions import describe_verification

LABEL = 13
PLOT_WIDTH = 80

_NAME = 28


def task_text(result: Result) -> str:
    """Return all facts in sections, in lines of at most 100 characters, except for long words."""
    sections = (
        _lines(_head(result)),
        _lines(_found(result)),
        _plot(result),
        _checked(result),
        _lines(_measured(result)),
        _lines(_problem(result.answer.problem)),
        _lines(_files(result)),
    )
    return "\n\n".join(section for section in sections if section)


def task_table(tasks: Sequence[Task | PlannedTask]) -> str:
    """Return a line per task: instance, setting, seed, and the start of its key."""
    planned = [planned_task(task) if isinstance(task, Task) else task for task in tasks]
    rows = [
        (
            shortened(task.instance, _NAME),
            shortened(task.setting, _NAME),
            _draw(task),
            task.key[:12],
        )
        for task in planned
    ]
    return render(("instance", "setting", "task", "key"), rows, left=4)


def _head(result: Result) -> Iterable[tuple[str, str]]:
    task, verdict = result.task, result.verdict
    yield "instance", f"{task.instance.label} ({task.instance.path})"
    yield "setting", f"{task.setting.name} ({task.setting.solver} {task.solver_version})"
    changed = {**task.setting.knobs, **task.setting.params}
    yield "", ", ".join(f"{name} = {value}" for name, value in changed.items())
    yield "include", task.setting.include_text
    yield "start", "" if task.start is None else f"{task.start.path} {task.start.check}".strip()
    yield "task", f"{_draw(task)}, key {task.key[:12]}"
    yield "limits", _limits(task)
    yield "verdict", f"{verdict.category.value}: {verdict.reason}"


def _found(result: Result) -> Iterable[tuple[str, str]]:
    answer = result.answer
    yield "status", answer.status or answer.error or ""
    yield "primal bound", _number(answer.primal_bound)
    yield "dual bound", _number(answer.dual_bound)
    yield "gap", "" if answer.gap is None else f"{100 * answer.gap:.4g} %"
    yield "nodes", _number(answer.n_nodes)
    yield "LP iterations", _number(answer.n_lp_iterations)
    yield "solutions", _number(answer.n_solutions)
    times = (
        ("reading", answer.read_time_s),
        ("presolve", answer.presolve_time_s),
        ("solve", answer.solve_time_s),
        ("first solution", answer.first_incumbent_time_s),
    )
    yield "seconds", ", ".join(f"{name} {s:.3f}" for name, s in times if s is not None)


def _plot(result: Result) -> str:
    plot = bounds_plot(result.answer.trace, width=min(text_width(), PLOT_WIDTH))
    return f"{plot}\n{'':>{LABEL}} {PRIMAL} primal bound, {DUAL} dual bound" if plot else ""


def _checked(result: Result) -> str:
    found = result.verification
    head = _line("solution", describe_verification(found))
    return f"{head}\n{verification_table(found)}" if found and found.violations else head


def _measured(result: Result) -> Iterable[tuple[str, str]]:
    execution = result.execution
    started = datetime.fromtimestamp(execution.started_at, UTC)
    cpu = "" if execution.cpu_s is None else f", {execution.cpu_s:.3f} CPU"
    yield "process", f"{execution.termination.value}: {execution.evidence}"
    yield "started", f"{started:%Y-%m-%d %H:%M:%S} UTC; {execution.wall_s:.3f} s wall{cpu}"
    yield "peak memory", "" if execution.peak_mib is None else f"{execution.peak_mib:.1f} MiB"
    yield "cores", ", ".join(map(str, execution.cores))
    yield "noise", "; ".join(execution.noise)


def _problem(problem: ProblemStatistics | None) -> Iterable[tuple[str, str]]:
    if problem is None:
        return
    kinds = f"{problem.n_bins} binary, {problem.n_ints} integer, {problem.n_conts} continuous"
    yield "columns", f"{problem.n_vars}: {kinds}; {problem.sense.value}"
    nonzeros = "" if problem.n_nonzeros is None else f", {problem.n_nonzeros} non-zeros"
    yield "rows", f"{problem.n_conss}{nonzeros}"
    classes = sorted(problem.classes.items(), key=lambda item: -item[1])
    yield "", ", ".join(f"{n} {name}" for name, n in classes if n)


def _files(result: Result) -> Iterable[tuple[str, str]]:
    names = [path.name for path in Workspace(result.folder).kept if path.is_file()]
    if names:
        yield "folder", str(result.folder)
        yield "files", ", ".join(names)


def _draw(task: Task | PlannedTask) -> str:
    permutation = f", permutation {task.permutation}" if task.permutation else ""
    return f"seed {task.seed}{permutation}"


def _limits(task: Task) -> str:
    limits = task.limits
    named = (
        ("s", limits.time_s),
        ("MiB", limits.memory_mib),
        ("nodes", limits.nodes),
        ("gap", limits.gap),
        ("threads", limits.threads if limits.threads != 1 else None),
    )
    given = ", ".join(f"{value:g} {unit}" for unit, value in named if value is not None)
    return f"{given} ({limits.clock.value} clock)" if given else "none"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def _lines(items: Iterable[tuple[str, str]]) -> str:
    return "\n".join(_line(label, text) for label, text in items if text)


def _line(label: str, text: str) -> str:
    """Return a label with its text; further lines of a long text are indented."""
    return textwrap.fill(
        text,
        text_width(),
        initial_indent=f"{label:{LABEL}}  ",
        subsequent_indent=" " * (LABEL + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
