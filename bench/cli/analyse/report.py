"""``bench report``: everything about a comparison in one file that needs no server."""

from __future__ import annotations

import shlex
import webbrowser
from pathlib import Path
from typing import Any

import click

from bench.app.analysis.report import ReportOptions, write_report
from bench.app.campaign.attached_run import attach_run
from bench.cli.shared.comparison_options import counting_options, source_options
from bench.cli.shared.next_step import given_options
from bench.cli.shared.options import option
from bench.cli.shared.read_options import read_options
from bench.cli.shared.terminal_listener import TerminalListener

NOT_REPEATED = frozenset({"output", "open_page", "sources"})


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
@option("--open", "open_page", is_flag=True, help="Open the page in a browser.")
@click.pass_context
def command(context: click.Context, /, open_page: bool, **values: Any) -> None:
    """Write a self-contained HTML page with conclusion, tables, figures and logs.

    SOURCE is as for bench compare; a single tuning has a page about its race. The page loads
    nothing from the network; the same results give the same file, byte for byte. Under mlflow run,
    the page is added to the run.
    """
    run = attach_run(values["tracking_uri"], TerminalListener())
    options_too = tuple(given_options(context, left_out=NOT_REPEATED))

    def repeat(sources: tuple[str, ...]) -> str:
        return shlex.join(["bench", "report", *sources, *options_too])

    output = write_report(read_options(ReportOptions, values, repeat=repeat), run)
    click.echo(str(output))
    if open_page:
        webbrowser.open(output.absolute().as_uri())
