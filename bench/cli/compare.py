"""``bench compare``: which setting is better, by how much, and how sure that is."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from bench.app.attached_run import Adopted, adopted
from bench.app.output_folder import check_new
from bench.cli.shared.comparison_options import (
    counting_options,
    options_given,
    results_given,
    source_options,
)
from bench.cli.shared.next_step import given, say
from bench.cli.shared.options import complain, option
from bench.comparison.compare import compare, prepare
from bench.comparison.groups import groups
from bench.comparison.narrative import findings
from bench.comparison.options import SUBSETS, Options
from bench.comparison.sources import Recorded
from bench.errors import BenchError, UsageError
from bench.report.comparison_formats import FORMATS, to_parquet, to_text, write_files
from bench.report.records import comparison_record
from bench.report.terminal.comparison import comparison_text, group_table, headline_text, tables_of

if TYPE_CHECKING:
    from bench.comparison.comparison import Comparison


NOT_OF_A_REPORT = frozenset({"words", "by", "kind", "output", "output_dir", "subsets"})


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
def command(context: click.Context, /, **values: Any) -> None:
    """Compare settings: means, ratios with intervals, tests, on blocks that all settings have.

    SOURCE is the name or folder of a sweep, or a table (CSV or Parquet); LABEL=SOURCE gives its
    setting another name.  [default: the experiment, if one is named, else the sweep last worked
    on]

    Intervals and tests resample instances with all their seeds; p-values are adjusted over all
    settings (Holm). Wrong and failed results are in no mean. Under mlflow run, its run gets the
    tables and figures.
    """
    run, words = adopted(values["tracking_uri"]), values["words"]
    by, kind, output = values.pop("by"), values.pop("kind"), values.pop("output")
    kind, folder = kind or _by_suffix(output), values.pop("output_dir")
    if folder is not None:
        check_new(folder)
    recorded = results_given(values)
    options = options_given(values, recorded, values.pop("subsets") or SUBSETS)
    comparison = compare(recorded.table, options)
    by_group = _by_group(recorded, options, comparison.baseline, by) if by is not None else {}
    with_groups = replace(comparison, tables=(*comparison.tables, *tables_of(by_group, by)))
    said = [found.sentence for found in findings(comparison)]
    if kind is None:
        click.echo(comparison_text(comparison))
        if by is not None:
            click.echo(f"\n{group_table(by_group, by)}")
    else:
        _write(with_groups, kind, said, output)
    complain(f"Note: {note}" for note in comparison.notes)
    complain(f"Warning: {warning}" for warning in comparison.warnings)
    if folder is not None or run is not None:
        _keep(with_groups, recorded, options, folder, run)
    if kind is None:
        click.echo()
        click.echo(headline_text(comparison))
        options_too = given(context, left_out=NOT_OF_A_REPORT)
        say("All of it on one page", "bench", "report", *words, *options_too)


def _keep(
    comparison: Comparison,
    recorded: Recorded,
    options: Options,
    folder: Path | None,
    run: Adopted | None,
) -> None:
    """Write tables and figures into the folder and the run, as far as there are any."""
    with TemporaryDirectory(prefix="bench-") as temporary:
        ready = prepare(recorded.table, options)
        files = write_files(comparison, ready, options, folder or Path(temporary))
        if run is not None:
            run.fill(comparison_record(comparison, recorded, files, round(1000 * time.time())))


def _by_group(
    recorded: Recorded, options: Options, baseline: str, by: str
) -> dict[str, Comparison]:
    alike = replace(options, baseline=baseline, subsets=("all",))
    parts = {}
    for name, part in groups(recorded.table, by).items():
        try:
            parts[name] = compare(part, alike)
        except UsageError as error:
            complain([f"Note: {by} {name} is left out: {error}"])
    return parts


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
