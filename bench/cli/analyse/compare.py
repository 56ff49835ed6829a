"""``bench compare``: which setting is better, by how much, and with what evidence."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from bench.app.analysis.compare import Compared, CompareOptions, compare_settings, keep_comparison
from bench.app.campaign.attached_run import attach_run
from bench.cli.shared.comparison_options import counting_options, source_options
from bench.cli.shared.next_step import given_options, show
from bench.cli.shared.options import complain, option
from bench.cli.shared.read_options import read_options
from bench.cli.shared.terminal_listener import TerminalListener
from bench.comparison.comparison import Comparison
from bench.comparison.options import SUBSETS
from bench.comparison.side_by_side import FILTERS
from bench.comparison.wording.narrative import conclusions
from bench.errors import BenchError, UsageError
from bench.report.comparison_formats import FORMATS, to_parquet, to_text
from bench.report.instance_table import filtered, instance_file
from bench.report.terminal.comparison import (
    TABLES,
    comparison_text,
    group_table,
    headline_text,
    looks_table,
    table_text,
    warnings_text,
)
from bench.report.terminal.instance_table import instance_table_text

NOT_OF_A_REPORT = frozenset(
    {
        *("sources", "by", "by_instance", "chosen", "kind", "output", "output_dir", "subsets"),
        *("tables", "all_tables", "sequential"),
    }
)


@click.command("compare", context_settings={"help_option_names": ["-h", "--help"]})
@source_options
@counting_options
@option(
    "--subset",
    "subsets",
    multiple=True,
    type=click.Choice(SUBSETS),
    help="Show only this subset of the pairs (instance and seed); may be repeated.  [default: all "
    "subsets]",
)
@option("--all", "all_tables", is_flag=True, help="Print all tables, not only the main one.")
@option(
    "--table",
    "tables",
    multiple=True,
    type=click.Choice(TABLES),
    help="Print this table too; may be repeated.",
)
@option(
    "--by",
    metavar="FIELD",
    help="Also compare within each group of instances: family, or a column of the results.",
)
@option(
    "--by-instance",
    is_flag=False,
    flag_value="",
    metavar="[COLUMN]",
    help="Show one row per instance and one column per setting: the measure, or another measure "
    "or column of the results (nodes, peak_mib, status). Must follow SOURCE.",
)
@option(
    "--instances",
    "chosen",
    type=click.Choice(list(FILTERS)),
    help="With --by-instance: show only instances on which a setting differs from the baseline by "
    "more than 10 %, a result is wrong or failed, or only one setting solves it.",
)
@option(
    "--format", "kind", type=click.Choice(FORMATS), help="Print this format instead of text tables."
)
@option(
    "--sequential",
    is_flag=True,
    help="Compare a sweep that is still running, or that you compared while it was running: use "
    "the results of its last look, at a level that holds over all looks. This is the default for a "
    "sweep with --until.",
)
@option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write to this file instead; its suffix determines the format.",
)
@option(
    "--output-dir",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Also write all tables and figures to this new folder.",
)
@click.pass_context
def command(  # noqa: PLR0913 - what is printed, not what is compared
    context: click.Context,
    /,
    kind: str | None,
    output: Path | None,
    chosen: str | None,
    tables: tuple[str, ...],
    *,
    all_tables: bool,
    **values: Any,
) -> None:
    """Compare settings on the same instances and seeds, with intervals and tests.

    SOURCE is the name or folder of a sweep, or a table (CSV or Parquet); LABEL=SOURCE renames its
    setting to LABEL.  [default: the experiment if one is given, else the last sweep with results of
    several settings]

    Intervals and tests treat all seeds of an instance as one unit; p-values are adjusted for all
    settings (Holm). Means exclude wrong and failed results. Under mlflow run, tables and figures
    are added to the run.
    """
    run = attach_run(values["tracking_uri"], TerminalListener())
    kind = kind or _by_suffix(output)
    if chosen is not None and values["by_instance"] is None:
        raise UsageError("--instances selects rows of --by-instance; add that option")
    options = read_options(CompareOptions, values)
    compared = compare_settings(options)
    comparison = compared.comparison
    if kind is None:
        click.echo(_text(compared, chosen))
        _print_further(comparison, TABLES if all_tables else tables)
    else:
        _write(_content(compared, kind, chosen), kind, output)
        complain(f"Warning: {warning}" for warning in comparison.warnings)
    complain(f"Note: {note}" for note in comparison.notes)
    keep_comparison(compared, values["output_dir"], run)
    if kind is None:
        click.echo()
        for text in filter(None, (warnings_text(comparison), headline_text(comparison))):
            click.echo(text)
        options_too = given_options(context, left_out=NOT_OF_A_REPORT)
        show("Write all of this as one page", "bench", "report", *values["sources"], *options_too)


def _print_further(comparison: Comparison, tables: Sequence[str]) -> None:
    """Print further tables; a requested table that is empty is noted."""
    for name in dict.fromkeys(tables):
        if text := table_text(comparison, name):
            click.echo(f"\n{text}")
        elif tables is not TABLES:
            complain([f"Note: table {name} is empty, because these results have no data for it"])


def _by_suffix(output: Path | None) -> str | None:
    if output is None:
        return None
    known = {".md": "markdown", ".tex": "latex"} | {f".{kind}": kind for kind in FORMATS}
    if output.suffix not in known:
        raise UsageError(f"{output}: expected a name that ends in {', '.join(known)}")
    return known[output.suffix]


def _text(compared: Compared, chosen: str | None) -> str:
    """Return the tables for a terminal; of single instances if they were requested."""
    side = compared.by_instance
    if side is not None:
        return instance_table_text(side, filtered(side, chosen), compared.options, chosen)
    text = comparison_text(compared.comparison)
    if compared.looks:
        text += f"\n\n{looks_table(compared.looks)}"
    if compared.by is not None:
        text += f"\n\n{group_table(compared.by_group, compared.by)}"
    return text


def _content(compared: Compared, kind: str, chosen: str | None) -> bytes:
    """Return the same tables in another format."""
    side, comparison = compared.by_instance, compared.with_groups
    if side is not None:
        return instance_file(side, filtered(side, chosen), compared.options, kind)
    if kind == "parquet":
        return to_parquet(comparison)
    sentences = [found.sentence for found in conclusions(comparison)]
    return to_text(comparison, kind, sentences).encode()


def _write(content: bytes, kind: str, output: Path | None) -> None:
    if output is None and kind == "parquet":
        raise UsageError("--format parquet cannot be printed; write it to a file with --output")
    if output is None:
        sys.stdout.buffer.write(content)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise BenchError(f"{output}: cannot be written: {error.strerror}") from error
    click.echo(str(output))
