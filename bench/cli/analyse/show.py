"""``bench show``: everything recorded about a task."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from bench.app.work_folder.find_tasks import FindOptions, find_tasks
from bench.cli.shared.next_step import given_options, name_of, show
from bench.cli.shared.options import complain, json_option
from bench.cli.shared.read_options import read_options
from bench.cli.shared.task_options import WHICH, task_options
from bench.journal.counted_results import Cause
from bench.journal.table import row
from bench.model.results.result import Result
from bench.model.workspace import Workspace
from bench.report.terminal.results import results_table
from bench.report.terminal.task import task_table, task_text


@click.command("show", context_settings={"help_option_names": ["-h", "--help"]})
@task_options
@json_option
@click.pass_context
def command(context: click.Context, /, *, as_json: bool, **values: Any) -> None:
    """Show everything recorded of one task, with a plot of its bounds.

    KEY is the beginning of a task's key; INSTANCE is a name. If several tasks match, they are
    listed. Results of earlier plans of the sweep are shown only if no task of the current plan
    matches.
    """
    tasks = find_tasks(read_options(FindOptions, values))
    found = tasks.results
    complain(f"Note: {line}" for line in tasks.notes)
    if as_json:
        click.echo(json.dumps([_object(result, tasks.causes) for result in found], indent=2))
        return
    first = found[0].task.key[:12]
    if len(found) == 1:
        click.echo(task_text(found[0]))
        if Workspace(found[0].folder).log.is_file():
            show("Print its log", "bench", "log", first, "--sweep", name_of(tasks.folder))
        return
    click.echo(results_table(found))
    click.echo()
    click.echo(task_table([result.task for result in found]))
    where = given_options(context, left_out=WHICH | {"as_json"})
    show("Show one of them", "bench", "show", first, *where)


def _object(result: Result, causes: Mapping[str, Cause]) -> dict[str, Any]:
    """Return a result ready for JSON; ``left_out`` is the reason why it does not count, or None."""
    return {**row(result), "left_out": causes.get(result.task.key)}
