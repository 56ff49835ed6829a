"""``bench statistics``: the results of each setting, without any comparison."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import click

from bench.app.analysis.statistics import Described, StatisticsOptions, describe_settings
from bench.cli.shared.comparison_options import failures_option, measure_option, source_options
from bench.cli.shared.number_types import FiniteFloatRange
from bench.cli.shared.options import complain, option
from bench.cli.shared.read_options import read_options
from bench.comparison.options import FAILURES_TEXT, Failures, measure_text
from bench.report.terminal.statistics import statistics_row, statistics_text
from bench.report.terminal.table import filled

FORMATS = ("csv", "json")


@click.command("statistics", context_settings={"help_option_names": ["-h", "--help"]})
@source_options
@option(
    "--setting",
    "settings",
    multiple=True,
    metavar="NAME",
    help="Show only this setting; may be repeated.",
)
@measure_option
@option("--clip", type=FiniteFloatRange(min=0), metavar="C", help="Raise smaller values to C.")
@failures_option
@option(
    "--quantile",
    "quantiles",
    multiple=True,
    type=FiniteFloatRange(min=0, max=1),
    metavar="Q",
    help="Quantile to show, from 0 to 1; may be repeated.  [default: 0.1, 0.25, 0.75, 0.9]",
)
@option(
    "--format",
    "kind",
    type=click.Choice(FORMATS),
    help="Print this format instead of a text table.",
)
def command(kind: str | None, **values: Any) -> None:
    """Describe each setting by itself: count, sum, mean, median, quantiles.

    Each setting is described from all of its results, without pairing. SOURCE is as for bench
    compare. Times above the time limit count as the limit. Quantiles are interpolated linearly.
    """
    found = describe_settings(read_options(StatisticsOptions, values))
    rows = [statistics_row(each) for each in found.settings]
    if kind == "json":
        basis = {"measure": found.measure, "unit": found.unit, "clip": found.clip}
        click.echo(json.dumps(basis | {"failures": found.failures, "settings": rows}, indent=2))
    elif kind == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        click.echo(text.getvalue(), nl=False)
    else:
        click.echo(f"{_basis_text(found)}\n\n{statistics_text(found.settings)}")
    complain(f"Note: {note}" for note in found.notes)


def _basis_text(found: Described) -> str:
    clip = "" if found.clip is None else f", values below {found.clip:g} count as {found.clip:g}"
    measure = measure_text(found.measure, found.unit)
    failures = FAILURES_TEXT[Failures(found.failures)]
    return filled(f"The {measure}{clip}; wrong and failed results: {failures}.")
