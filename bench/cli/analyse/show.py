"""``bench show``: all that is known of a task."""

from __future__ import annotations

import difflib
import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from bench.cli.shared.next_step import given_options, show
from bench.cli.shared.number_types import Integer
from bench.cli.shared.options import complain, json_option, work_dir_option
from bench.errors import UsageError
from bench.journal.counted_results import Cause, counted_results
from bench.journal.manifest import folder_of
from bench.journal.table import row
from bench.model.result import Result
from bench.model.workspace import Workspace
from bench.report.terminal.results import results_table
from bench.report.terminal.task import task_table, task_text

WHICH = frozenset({"task", "setting", "seed", "as_json"})
"""What says which task, and not where it is."""


@click.command("show", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("task", metavar="KEY|INSTANCE")
@click.option("--sweep", "name", metavar="NAME", help="Where to look.  [default: the last one]")
@click.option("--setting", metavar="NAME", help="Only tasks of this setting.")
@click.option("--seed", type=Integer(), metavar="N", help="Only tasks of this seed.")
@work_dir_option
@json_option
@click.pass_context
def command(
    context: click.Context, /, task: str, work_dir: Path, as_json: bool, **options: Any
) -> None:
    """Show everything recorded of one task, with a plot of its bounds.

    KEY is the beginning of a task's key; INSTANCE is a name, and where several tasks fit, they
    are listed. Where a task of the sweep's present plan fits, results of earlier plans are not
    shown.
    """
    name, setting, seed = (options[key] for key in ("name", "setting", "seed"))
    folder = folder_of(work_dir, name)
    counted = counted_results(folder)
    causes = {each.result.task.key: each.cause for each in counted.left_out}

    def chosen(results: Iterable[Result]) -> list[Result]:
        return [
            result
            for result in results
            if _fits(result, task)
            and setting in {None, result.task.setting.name}
            and seed in {None, result.task.seed}
        ]

    left_out = [each.result for each in counted.left_out]
    results = [*counted.results, *left_out]
    planned, unplanned = chosen(counted.results), chosen(left_out)
    found = planned or unplanned
    if planned and unplanned:
        complain(f"Note: {line}" for line in counted.lines)
    complain(_left_out_lines(found, causes))
    if not found:
        raise UsageError(f"{folder.name}: {_missing(results, task)}")
    if as_json:
        click.echo(json.dumps([_object(result, causes) for result in found], indent=2))
    elif len(found) == 1:
        click.echo(task_text(found[0]))
        _next(found[0])
    else:
        click.echo(results_table(found))
        click.echo()
        click.echo(task_table([result.task for result in found]))
        where = given_options(context, left_out=WHICH)
        show("See one of them", "bench", "show", found[0].task.key[:12], *where)


def _fits(result: Result, wanted: str) -> bool:
    return wanted in {result.task.instance.name, result.task.instance.label} or (
        len(wanted) >= 6 and result.task.key.startswith(wanted)
    )


def _left_out_lines(found: Iterable[Result], causes: Mapping[str, Cause]) -> Iterator[str]:
    """Yield a line for each result that does not count."""
    for result in found:
        if result.task.key in causes:
            yield (
                f"Note: {result.task.key[:12]} ({result.task.setting.name}) counts in no number, "
                f"as the sweep's present plan does not contain it: {causes[result.task.key]}"
            )


def _object(result: Result, causes: Mapping[str, Cause]) -> dict[str, Any]:
    """Return a result ready for JSON; ``left_out`` says why it does not count, or is None."""
    return {**row(result), "left_out": causes.get(result.task.key)}


def _missing(results: list[Result], wanted: str) -> str:
    """Return what there is instead of the task that was wanted."""
    fitting = {result.task.setting.name for result in results if _fits(result, wanted)}
    if fitting:
        return f"no such task of {wanted}; its settings are: {', '.join(sorted(fitting))}"
    names = sorted({result.task.instance.label for result in results})
    near = difflib.get_close_matches(wanted, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"instances there: {', '.join(names[:10])}"
    return f"no such task {wanted!r}; {hint}"


def _next(result: Result) -> None:
    log = Workspace(result.folder).log
    if log.is_file():
        click.echo(f"Read its log: less {shlex.quote(str(log))}", err=True)
