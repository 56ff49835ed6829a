"""``bench plot``: a figure in a file, or all figures of a report in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bench.app.analysis.figures import ALL, FigureOptions, draw_figures
from bench.cli.shared.comparison_options import counting_options, source_options
from bench.cli.shared.options import option
from bench.cli.shared.read_options import read_options
from bench.report.figures.bounds import BOUNDS
from bench.report.figures.files import FILE_KINDS
from bench.report.figures.settings import SETTING_FIGURES


@click.command("plot", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("figure", metavar="FIGURE", type=click.Choice([*SETTING_FIGURES, BOUNDS, ALL]))
@source_options
@counting_options
@option("--instance", metavar="NAME", help="Instance whose bounds are drawn.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="File to write; its suffix (.pdf, .svg, .png, .html) determines the format. For all "
    "figures: a folder.",
)
@option(
    "--format",
    "file_kind",
    type=click.Choice(FILE_KINDS),
    default="pdf",
    show_default=True,
    help="File format if all figures are written.",
)
@option(
    "--width",
    metavar="WIDTH",
    help="Width on paper, with a font size of 8 points: column (84 mm), text (174 mm), or a "
    "length such as 85mm, 8.5cm, 3.3in, 240pt.  [default: sized for a screen]",
)
@option(
    "--no-title",
    is_flag=True,
    help="Omit the title, e.g. because the paper has a caption.",
)
def command(*, no_title: bool, **values: Any) -> None:
    """Draw profile, cactus, scatter, ratios, bounds of an instance, or all of them.

    SOURCE is as for bench compare. A page (.html) can be zoomed, explains each point on hovering,
    and needs no network. Fonts are embedded. The kind all also writes the tables as LaTeX next to
    the figures.
    """
    for path in draw_figures(read_options(FigureOptions, {**values, "title": not no_title})):
        click.echo(str(path))
