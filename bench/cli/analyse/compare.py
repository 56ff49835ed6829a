"""``bench compare``: which setting is better, by how much, and how sure that is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from bench.app.campaign.attached_run import attach_run
from bench.app.compare import CompareOptions, compare_settings, keep_comparison
from bench.cli.shared.comparison_options import counting_options, source_options
from bench.cli.shared.next_step import given_options, show
from bench.cli.shared.options import complain, option
from bench.cli.shared.read_options import read_options
from bench.cli.shared.terminal_listener import TerminalListener
from bench.comparison.comparison import Comparison
from bench.comparison.options import SUBSETS
from bench.comparison.wording.narrative import conclusions
from bench.errors import BenchError, UsageError
from bench.report.comparison_formats import FORMATS, to_parquet, to_text
from bench.report.terminal.comparison import comparison_text, group_table, headline_text

NOT_OF_A_REPORT = frozenset({"sources", "by", "kind", "output", "output_dir", "subsets"})


@click.command("compare", context_settings={"help_option_names": ["-h", "--help"]})
@source_options
@counting_options
@option(
    "--subset",
    "subsets",
    multiple=True,
    type=click.Choice(SUBSETS),
    help="Only these subsets of blocks; may be repeated.  [default: all of them]",
)
@option("--by", metavar="FIELD", help="Also for each group: family, or a column of the results.")
@option("--format", "kind", type=click.Choice(FORMATS), help="Print this instead of tables.")
@option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write to a file instead; its suffix says the format.",
)
@option(
    "--output-dir",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Also write all tables and figures into a new folder.",
)
@click.pass_context
def command(
    context: click.Context, /, kind: str | None, output: Path | None, **values: Any
) -> None:
    """Compare settings on the same instances and seeds, with intervals and tests.

    SOURCE is the name or folder of a sweep, or a table (CSV or Parquet); LABEL=SOURCE gives its
    setting another name.  [default: the experiment, if one is named, else the sweep last worked
    on]

    Intervals and tests are by instance with all its seeds; p-values are adjusted over all
    settings (Holm). Wrong and failed results are in no mean. Under mlflow run, its run gets the
    tables and figures.
    """
    run = attach_run(values["tracking_uri"], TerminalListener())
    kind = kind or _by_suffix(output)
    options = read_options(CompareOptions, values)
    compared = compare_settings(options)
    comparison = compared.comparison
    if kind is None:
        click.echo(comparison_text(comparison))
        if compared.by is not None:
            click.echo(f"\n{group_table(compared.by_group, compared.by)}")
    else:
        said = [found.sentence for found in conclusions(comparison)]
        _write(compared.with_groups, kind, said, output)
    complain(f"Note: {note}" for note in comparison.notes)
    complain(f"Warning: {warning}" for warning in comparison.warnings)
    keep_comparison(compared, values["output_dir"], run)
    if kind is None:
        click.echo()
        click.echo(headline_text(comparison))
        options_too = given_options(context, left_out=NOT_OF_A_REPORT)
        show("All of it on one page", "bench", "report", *values["sources"], *options_too)


def _by_suffix(output: Path | None) -> str | None:
    if output is None:
        return None
    known = {".md": "markdown", ".tex": "latex"} | {f".{kind}": kind for kind in FORMATS}
    if output.suffix not in known:
        raise UsageError(f"{output}: expected a name that ends in {', '.join(known)}")
    return known[output.suffix]


def _write(comparison: Comparison, kind: str, said: list[str], output: Path | None) -> None:
    if kind == "parquet":
        if output is None:
            raise UsageError("--format parquet is not for a terminal; name a file with --output")
        content = to_parquet(comparison)
    else:
        content = to_text(comparison, kind, said).encode()
    if output is None:
        sys.stdout.buffer.write(content)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise BenchError(f"{output}: cannot be written: {error.strerror}") from error
    click.echo(str(output))
