"""``bench report``: everything about a comparison in one file that needs no server."""

from __future__ import annotations

import os
import shlex
import time
import webbrowser
from pathlib import Path
from typing import Any

import click

from bench.app.attached_run import adopted
from bench.cli.shared.comparison_options import (
    counting_options,
    options_given,
    results_given,
    source_options,
)
from bench.cli.shared.next_step import given
from bench.cli.shared.options import option
from bench.errors import BenchError
from bench.report.page.page import report_page
from bench.report.records import report_record

NOT_REPEATED = frozenset({"output", "open_page", "words"})


@click.command("report", context_settings={"help_option_names": ["-h", "--help"]})
@source_options
@counting_options
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("report.html"),
    show_default=True,
    metavar="FILE",
    help="File to write.",
)
@option("--open", "open_page", is_flag=True, help="Open it in a browser.")
@click.pass_context
def command(context: click.Context, /, output: Path, open_page: bool, **values: Any) -> None:
    """Write one page with verdict, tables, figures and logs that needs no server.

    SOURCE is as for bench compare. The page asks no network for anything; the same results make
    the same file, byte for byte. Under mlflow run, its run gets the page.
    """
    run = adopted(values["tracking_uri"])
    words, elsewhere = values["words"], values["run_ids"] or values["experiment_name"]
    recorded = results_given(values)
    options = options_given(values, recorded)
    sources = words or (() if elsewhere else recorded.names)
    options_too = given(context, left_out=NOT_REPEATED)
    repeat = shlex.join(["bench", "report", *sources, *options_too])
    _write(report_page(recorded, options, (*recorded.commands, repeat)), output)
    if run is not None:
        run.fill(report_record(recorded.names, output, round(1000 * time.time())))
    click.echo(str(output))
    if open_page:
        webbrowser.open(output.absolute().as_uri())


def _write(page: str, output: Path) -> None:
    partial = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        partial.write_text(page, encoding="utf-8", newline="\n")
        partial.replace(output)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise BenchError(f"{output}: cannot be written: {error.strerror}") from error
