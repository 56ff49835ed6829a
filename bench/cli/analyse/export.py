"""``bench export``: results, references and lists for other tools."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bench.app.analysis.sources import SourceOptions
from bench.cli.shared.comparison_options import source_options
from bench.cli.shared.next_step import show
from bench.cli.shared.options import complain, option
from bench.cli.shared.read_options import read_options
from bench.comparison.best_known import best_known
from bench.errors import BenchError, UsageError
from bench.instances import lists, solu
from bench.interop import res_files
from bench.interop.csv_cells import to_csv
from bench.model.results.result import Result
from bench.model.whole_files import written_whole
from bench.report.check_tables import check_tables

if TYPE_CHECKING:
    import pandas as pd


class ExportFormat(StrEnum):
    """The formats of an export."""

    RES = "res"
    CSV = "csv"
    PARQUET = "parquet"
    SOLU = "solu"
    TEST = "test"


NEXT = {
    ExportFormat.SOLU: ("Check results against it", "bench", "check", "--solu"),
    ExportFormat.TEST: ("Execute these instances", "bench", "run"),
}
"""The next command for a file of a format."""


@click.command("export", context_settings={"help_option_names": ["-h", "--help"]})
@option(
    "--format",
    "form",
    type=click.Choice([str(each) for each in ExportFormat]),
    help="Format to write.  [default: by the suffix of FILE, else csv]",
)
@option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="File to write.  [default: standard output]",
)
@source_options
def command(form: str | None, output: Path | None, **values: Any) -> None:
    """Write results as a table, best known values as .solu, instances as .test.

    SOURCE is the name or folder of a sweep or import, or a table (CSV, Parquet).  [default:
    --run-id or --experiment-name, else the last used sweep]
    """
    chosen = _format(form, output)
    if chosen is ExportFormat.PARQUET and output is None:
        raise UsageError("Parquet cannot be printed; write it to a file with -o FILE")
    recorded = read_options(SourceOptions, values).recorded()
    complain(f"Note: {line}" for line in recorded.left_out)
    if chosen is ExportFormat.TEST:
        content = _list(recorded.results, output).encode()
    else:
        content = _content(recorded.table, chosen)
    _write(content, output)
    if output is not None and chosen in NEXT:
        what, *words = NEXT[chosen]
        show(what, *words, str(output))


def _format(form: str | None, output: Path | None) -> ExportFormat:
    if form is not None:
        return ExportFormat(form)
    suffix = "" if output is None else output.suffix.removeprefix(".").lower()
    if output is not None and suffix not in list(ExportFormat):
        raise UsageError(
            f"{output}: unknown suffix; choose a format with --format ({', '.join(ExportFormat)})"
        )
    return ExportFormat(suffix or ExportFormat.CSV)


def _content(table: pd.DataFrame, form: ExportFormat) -> bytes:
    """Return the results in a format; one for each task."""
    table = table.sort_values("started_at", kind="stable", na_position="first")
    table = table[~table["key"].duplicated(keep="last") | table["key"].isna()].sort_index()
    match form:
        case ExportFormat.CSV:
            return to_csv(table).encode()
        case ExportFormat.PARQUET:
            buffer = io.BytesIO()
            table.to_parquet(buffer, index=False)
            return buffer.getvalue()
        case ExportFormat.RES:
            return res_files.write(check_tables(_rows(table))).encode()
        case _:
            references, problems = best_known(_rows(table))
            complain(problems)
            return solu.text(references).encode()


def _rows(table: pd.DataFrame) -> Sequence[Mapping[str, Any]]:
    plain = table.astype("object")
    records: Any = plain.where(plain.notna(), None).to_dict("records")
    return list(records)


def _list(results: Sequence[Result], output: Path | None) -> str:
    if not results:
        raise UsageError("only a journal has the paths of instances; give the name of a sweep")
    paths = [result.task.instance.path.absolute() for result in results]
    return lists.text(paths, Path.cwd() if output is None else output.absolute().parent)


def _write(content: bytes, output: Path | None) -> None:
    if output is None:
        click.echo(content, nl=False)
        return
    try:
        with written_whole(output) as partial:
            partial.write_bytes(content)
    except OSError as error:
        raise BenchError(f"{output}: cannot be written: {error.strerror}") from error
