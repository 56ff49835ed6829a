"""``bench history``: a solver over its versions."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from bench.app.analysis.sources import ComparisonOptions
from bench.cli.shared.argv import typed_arguments
from bench.cli.shared.comparison_options import counting_options, source_options
from bench.cli.shared.options import complain, json_option, option
from bench.cli.shared.read_options import read_options
from bench.comparison.history import history
from bench.errors import BenchError, UsageError
from bench.report.history_page import history_page
from bench.report.terminal.history import history_text


@click.command("history", context_settings={"help_option_names": ["-h", "--help"]})
@source_options
@option(
    "--solver",
    "solvers",
    multiple=True,
    metavar="PATTERN",
    help="Show only these solvers: scip, scip@9, 'scip@*'; may be repeated.  [default: all]",
)
@counting_options
@option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.html",
    help="Also write an HTML page with figures.",
)
@json_option
def command(solvers: tuple[str, ...], output: Path | None, *, as_json: bool, **values: Any) -> None:
    """Compare the versions of a solver in order, and mark significant steps.

    The output has one row per version, grouped by solver. SOURCE is as for bench compare.
    """
    if output is not None and output.suffix.lower() not in {".html", ".htm"}:
        raise UsageError(f"{output}: expected a name that ends in .html")
    asked = read_options(ComparisonOptions, values)
    recorded = asked.recorded()
    found = history(recorded.table, asked.counting(recorded, ("all",)), solvers)
    if output is not None:
        page = history_page(found, shlex.join(typed_arguments()))
        try:
            output.write_text(page, encoding="utf-8")
        except OSError as error:
            raise BenchError(f"{output}: cannot be written: {error.strerror}") from error
    if as_json:
        click.echo(json.dumps(asdict(found), indent=2))
    else:
        click.echo(history_text(found))
    complain(f"Note: {note}" for note in found.notes)
