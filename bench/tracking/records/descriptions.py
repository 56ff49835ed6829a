"""The descriptions of runs, in Markdown."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from bench.verification.solutions import describe_verification

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.model.results.result import Result
    from bench.model.setting import Setting
    from bench.model.task import Task

_FINISHED = "Finished: "
_LONGEST_LINE = 80
"""MLflow does not wrap a line of code: a longer one pushes the right half of the page away."""
_WORD = re.compile(r"""(?:[^\s'"\\]|'[^']*'|"(?:\\.|[^"\\])*"|\\.)+""")
"""A word of a command line, with its quotes."""


def task_description(result: Result) -> str:
    """Return four lines: verdict, answer of the solver, its solution, and how its process ended."""
    answer, execution = result.answer, result.execution
    found = [
        f"{label} {value:.10g}"
        for label, value in (
            ("primal bound", answer.primal_bound),
            ("dual bound", answer.dual_bound),
            ("nodes", answer.n_nodes),
            ("seconds", answer.solve_time_s),
        )
        if value is not None
    ]
    memory = "" if execution.peak_mib is None else f", {execution.peak_mib:.0f} MiB"
    reported = answer.status or answer.error or "nothing"
    ended = f"{execution.termination.value} ({execution.evidence})"
    return "  \n".join(
        (
            f"**{result.verdict.category.value}**: {result.verdict.reason}",
            f"The solver reported: {', '.join([reported, *found])}.",
            f"Its solution {describe_verification(result.verification)}.",
            f"Its process ended: {ended}, after {execution.wall_s:.2f} s{memory}.",
        )
    )


def with_picture(description: str, picture: str, run_id: str) -> str:
    """Return a description with an artifact of the run as a picture below its first line."""
    if not picture:
        return description
    first, _, rest = description.partition("\n")
    shown = f"![Bounds over time](get-artifact?path={picture}&run_uuid={run_id})"
    return f"{first.rstrip()}\n\n{shown}\n\n{rest}"


def setting_description(
    setting: Setting, tasks: Sequence[Task], results: Sequence[Result], found: str = ""
) -> str:
    """Return the findings on a setting, its changed parameters, and how much of it is finished.

    The parameters of imported results are unknown; their instances have no digest.
    """
    changed = ", ".join(f"`{name} = {value}`" for name, value in setting.params.items())
    executed = any(task.instance.digest for task in tasks)
    none = "stock parameters" if executed else "parameters not known"
    what = f"**{setting.solver} {tasks[0].solver_version}**: {changed or none}"
    extent = f"{what}  \n{_extent(tasks, results)}"
    return f"{found}\n\n{extent}" if found else extent


def sweep_description(
    command: str, tasks: Sequence[Task], results: Sequence[Result], comparison: str
) -> str:
    """Return the comparison of the settings, how much is finished, and the command to repeat it."""
    n_settings = len({task.setting.name for task in tasks})
    extent = f"{n_settings} setting{'s' * (n_settings != 1)}; {_extent(tasks, results)}"
    return "\n\n".join(part for part in (comparison, extent, repeat(command)) if part)


def repeat(command: str) -> str:
    """Return the command that repeats a sweep; empty without a command."""
    return f"To repeat it:\n\n    {_folded(command)}" if command else ""


def _folded(command: str) -> str:
    """Return the command in lines that a shell joins; a long word is not divided."""
    first, *words = _WORD.findall(command) or [command]
    if " ".join((first, *words)) != command:
        return command
    lines = [first]
    for word in words:
        if len(lines[-1]) + len(word) + 1 <= _LONGEST_LINE:
            lines[-1] += f" {word}"
        else:
            lines.append(f"  {word}")
    return " \\\n    ".join(lines)


def revised_description(
    old: str, results: Sequence[Result], *, above: str = "", beneath: str = ""
) -> str:
    """Return the description of a setting or sweep with the present verdicts.

    Its extent is kept, with new parts ``above`` and ``beneath``. A description that a user has
    written is not changed.
    """
    before, ours, _ = old.partition(_FINISHED)
    if not ours:
        return old
    extent = before.rpartition("\n\n")[2] + _finished(results)
    return "\n\n".join(part for part in (above, extent, beneath) if part)


def _extent(tasks: Sequence[Task], results: Sequence[Result]) -> str:
    instances = {task.instance.label for task in tasks}
    return f"{len(tasks)} tasks on {len(instances)} instances.  \n{_finished(results)}"


def _finished(results: Sequence[Result]) -> str:
    counts = Counter(result.verdict.category.value for result in results)
    outcome = ", ".join(f"{n} {name}" for name, n in sorted(counts.items())) or "nothing finished"
    n_disturbed = sum(result.execution.disturbed for result in results)
    disturbed = f", {n_disturbed} disturbed" if n_disturbed else ""
    return f"{_FINISHED}{len(results)} ({outcome}){disturbed}."
