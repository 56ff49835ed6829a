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
@option("--instance", metavar="NAME", help="Of which instance the bounds are drawn.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="File to write; its suffix (.pdf, .svg, .png, .html) says how. Of all figures a folder.",
)
@option(
    "--format",
    "file_kind",
    type=click.Choice(FILE_KINDS),
    default="pdf",
    show_default=True,
    help="What the files of all figures are.",
)
@option(
    "--width",
    metavar="WIDTH",
    help="Width on paper, with texts of 8 points: column (84 mm), text (174 mm), or such as 85mm, "
    "8.5cm, 3.3in, 240pt.  [default: that of a screen]",
)
@option("--no-title", "title", flag_value=False, default=True, help="Leave the title to a caption.")
def command(**values: Any) -> None:
    """Draw profile, cactus, scatter, ratios, bounds of an instance, or all of them.

    SOURCE is as for bench compare. A page (.html) zooms, tells what each point is, and needs no
    network. Fonts are in the file. With all, the tables in LaTeX are written beside the figures.
    """
    for path in draw_figures(read_options(FigureOptions, values)):
        click.echo(str(path))
