"""The descriptions of runs, in Markdown."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bench.verification.solutions import describe_verification

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.model.results.result import Result
    from bench.model.setting import Setting
    from bench.model.task import Task

_FINISHED = "Finished: "


def task_description(result: Result) -> str:
    """Return four lines: verdict, what the solver said, its solution, how its process ended."""
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
    ended = f"{execution.termination.value} ({execution.evidence})"
    return "  \n".join(
        (
            f"**{result.verdict.category.value}**: {result.verdict.reason}",
            f"The solver said: {', '.join([answer.status or answer.error or 'nothing', *found])}.",
            f"Its solution {describe_verification(result.verification)}.",
            f"Its process ended: {ended}, after {execution.wall_s:.2f} s{memory}.",
        )
    )


def with_picture(description: str, picture: str, run_id: str) -> str:
    """Return a description with an artifact of a run shown beneath its first line."""
    if not picture:
        return description
    first, _, rest = description.partition("\n")
    shown = f"![Bounds over time](get-artifact?path={picture}&run_uuid={run_id})"
    return f"{first.rstrip()}\n\n{shown}\n\n{rest}"


def setting_description(
    setting: Setting, tasks: Sequence[Task], results: Sequence[Result], found: str = ""
) -> str:
    """Return what was found of the setting, what it changes, and how much of it is finished.

    Imported results do not tell their parameters: their instances have no digest.
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
    """Return how the settings compare, how much is finished, and the command to repeat it."""
    n_settings = len({task.setting.name for task in tasks})
    extent = f"{n_settings} setting{'s' * (n_settings != 1)}; {_extent(tasks, results)}"
    return "\n\n".join(part for part in (comparison, extent, repeat(command)) if part)


def repeat(command: str) -> str:
    """Return how to repeat a sweep; empty without a command."""
    return f"To repeat it:\n\n    {command}" if command else ""


def revised_description(
    old: str, results: Sequence[Result], *, above: str = "", beneath: str = ""
) -> str:
    """Return the description of a setting or sweep with the verdicts that hold now.

    Its extent stays, with other parts ``above`` and ``beneath``. What somebody has written in its
    place stays as it is.
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
