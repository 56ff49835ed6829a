"""``bench check``: judge all recorded results again."""

from __future__ import annotations

import json
from typing import Any

import click

from bench.app.campaign.attached_run import attach_run
from bench.app.check import CheckOptions, CheckReport, check, record_check
from bench.cli.shared.fail_on import fail_on_option, is_among
from bench.cli.shared.next_step import show
from bench.cli.shared.options import (
    json_option,
    option,
    reference_options,
    tracking_options,
    work_dir_option,
)
from bench.cli.shared.read_options import read_options
from bench.cli.shared.terminal_listener import TerminalListener
from bench.errors import EXIT_WRONG, BenchError
from bench.model.results.verdict import Category
from bench.report.changes import changes_table, checked_object, contradictions_text


@click.command("check", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("words", nargs=-1, metavar="[SWEEP]...")
@reference_options
@option(
    "--repair",
    is_flag=True,
    help="First move damaged lines of each journal to the file journal.damaged next to it.",
)
@option("--dry-run", is_flag=True, help="Print what would change, without changing anything.")
@fail_on_option
@tracking_options
@work_dir_option
@json_option
def command(
    words: tuple[str, ...], fail_on: frozenset[Category], *, as_json: bool, **values: Any
) -> int:
    """Judge all recorded results again, and show changed verdicts.

    SWEEP is the name of a sweep or its folder.  [default: all below --work-dir] --experiment-name
    checks all results of an MLflow experiment: from the journal if it is on this machine, else from
    the tables in MLflow. New references come from --solu and from .solu files next to the instances
    of a journal; otherwise the recorded reference counts. Changed verdicts are added to the
    journal, and tags, description, status and aggregates of their runs in MLflow are corrected. A
    sweep that MLflow does not have is not uploaded: bench sync does that.

    A journal with a damaged line cannot be used until --repair has moved the line to another file;
    the same bench sweep then executes its task again.
    """
    run = attach_run(values["tracking_uri"], TerminalListener())
    report = check(read_options(CheckOptions, values, sweeps=words))
    _show(report, as_json=as_json)
    if run is not None:
        record_check(report, run)
    if problems := report.problems:
        others = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise BenchError(f"{problems[0]}{others}")
    return EXIT_WRONG if is_among(fail_on, report.checked.results) else 0


def _show(report: CheckReport, *, as_json: bool) -> None:
    checked = report.checked
    if as_json:
        click.echo(json.dumps(checked_object(checked), indent=2))
        return
    if checked.changes:
        click.echo(changes_table(checked.changes))
    if checked.contradictions:
        click.echo(contradictions_text(checked.contradictions))
    click.echo(checked.sentence)
    here = {folder.name for folder in report.folders}
    for first in [change for change in checked.changes if change.campaign in here][:1]:
        key = first.result.task.key[:12]
        show("Show the first of them", "bench", "show", key, "--sweep", first.campaign)
