"""``bench plot``: a figure in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bench.app.sources import ComparisonOptions
from bench.cli.shared.comparison_options import counting_options, source_options
from bench.cli.shared.options import complain, option
from bench.cli.shared.read_options import read_options
from bench.comparison.compare import prepare
from bench.journal.last_campaign import of_task
from bench.report.figures.bounds import BOUNDS, instance_figure
from bench.report.figures.files import save
from bench.report.figures.settings import SETTING_FIGURES


@click.command("plot", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("kind", type=click.Choice([*SETTING_FIGURES, BOUNDS]))
@source_options
@counting_options
@option("--instance", metavar="NAME", help="Of which instance the bounds are drawn.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="File to write; its suffix (.svg, .png, .html) says how.",
)
def command(kind: str, output: Path, instance: str | None, **values: Any) -> None:
    """Draw a comparison as profile, cactus, scatter or ratios, or bounds over time.

    SOURCE is as for bench compare. A page (.html) zooms, tells what each point is, and needs no
    network.
    """
    asked = read_options(ComparisonOptions, values)
    recorded = asked.recorded(*([of_task(instance)] if instance else ()))
    if kind == BOUNDS:
        complain(f"Note: {line}" for line in recorded.left_out)
        figure = instance_figure(recorded.results, instance)
    else:
        options = asked.counting(recorded)
        ready = prepare(recorded.table, options)
        complain(f"Note: {note}" for note in ready.notes)
        complain(f"Warning: {warning}" for warning in ready.warnings)
        figure = SETTING_FIGURES[kind](ready, options)
    save(figure, output)
    click.echo(str(output))
