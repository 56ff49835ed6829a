"""``bench import``: results of other tools, from logs and tables."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from bench.app.campaign.delivery import delivering
from bench.app.import_results import (
    MISSING_TIMES,
    ImportOptions,
    ImportResult,
    first,
    import_results,
)
from bench.cli.shared.campaign_end import nothing, where_recorded
from bench.cli.shared.next_step import name_of, show
from bench.cli.shared.number_types import FiniteFloatRange
from bench.cli.shared.options import (
    complain,
    json_option,
    no_mlflow_option,
    option,
    record_option,
    tasks_in_mlflow_option,
    tracking_options,
    work_dir_option,
)
from bench.cli.shared.read_options import execution_context, read_options
from bench.comparison.summary.aggregates import aggregates
from bench.errors import BenchError, UsageError
from bench.interop.any_format import SourceFormat
from bench.journal.table import row
from bench.model.limits import Clock
from bench.model.results.result import Result
from bench.planning.values import split
from bench.report.terminal.results import problems, summary
from bench.store.uri import mask


@click.command("import", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@option(
    "--format",
    type=click.Choice([str(each) for each in SourceFormat]),
    help="Format of the files.  [default: by their suffixes]",
)
@option(
    "--map",
    "columns",
    multiple=True,
    metavar="FIELD=COLUMN,...",
    help="Columns of a CSV file by field, e.g. instance=problem,time=seconds.",
)
@option(
    "--status",
    "statuses",
    multiple=True,
    metavar="WORD=STATUS,...",
    help="Meaning of status words that bench does not know, e.g. warning=optimal.",
)
@option(
    "--wide",
    multiple=True,
    metavar="COLUMN,...",
    help="Columns of a CSV file that hold the times of one setting each; all: every column that "
    "--map does not name.",
)
@option(
    "--na",
    multiple=True,
    metavar="WORD,...",
    help="Words that mean a missing number, e.g. '?,n.s.'.",
)
@option(
    "--missing-time",
    type=click.Choice(MISSING_TIMES),
    default=MISSING_TIMES[0],
    show_default=True,
    help="Time of a solve that has none in the file; limit counts its time limit.",
)
@option(
    "--setting",
    metavar="NAME",
    help="Name of the setting.  [default: the name in the file, with the solver's version]",
)
@option(
    "--time-limit",
    type=FiniteFloatRange(min=0),
    metavar="S",
    help="Time limit that the solves had, in seconds.",
)
@option(
    "--clock",
    type=click.Choice([str(clock) for clock in Clock]),
    help="Clock of the recorded times.  [default: as in the file, else wall]",
)
@option(
    "--solu",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="Reference file with known objective values (.solu or .csv); without a value for an "
    "instance, the verdict in the imported file counts.",
)
@option("--name", metavar="NAME", help="Name of the import.  [default: the name of the first file]")
@option(
    "--skip-unreadable",
    is_flag=True,
    help="Skip solves that cannot be read, and import the others.",
)
@tracking_options
@tasks_in_mlflow_option
@record_option
@no_mlflow_option
@work_dir_option
@json_option
def command(
    columns: tuple[str, ...], statuses: tuple[str, ...], *, as_json: bool, **values: Any
) -> None:
    """Import results of SCIP's check scripts, PAVER, BenchExec or any CSV.

    FILE is a .out log or a .res table of SCIP's check scripts, a .trc trace file of GAMS or PAVER,
    an .xml result of BenchExec, or a .csv; each may be compressed (.gz, .bz2). Imported results are
    recorded in the journal and in MLflow like those of your own sweeps. Repeating an import adds
    nothing.
    """
    context = execution_context()
    options = read_options(
        ImportOptions,
        values,
        map=_pairs("--map", columns),
        status=_pairs("--status", statuses),
        **{name: _words(values.pop(name)) for name in ("wide", "na")},
        run_id=context["run_id"],
        command=context["command"][2:],
    )
    taken = import_results(options, when_imported=nothing if as_json else _show)
    if as_json:
        click.echo(json.dumps(_object(taken), indent=2))
        _tell(taken)
    if not taken.undelivered:
        complain([where_recorded(taken)])
    _show_next(taken)
    if taken.undelivered:
        raise BenchError(
            f"not recorded in MLflow: {taken.undelivered}; the results are in the journal, upload "
            f"them later with: {delivering(taken.folder)}"
        )


def _words(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the words of a comma-separated list; a comma in quotes does not separate."""
    parts = (part.strip() for text in texts for part in split(text, ","))
    return tuple(part.strip("\"'") for part in parts if part)


def _pairs(option_name: str, texts: Iterable[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in texts:
        for part in filter(None, split(text, ",")):
            key, equals, value = (each.strip().strip("\"'") for each in part.partition("="))
            if not (equals and key and value):
                raise UsageError(f"{option_name} {text!r}: expected NAME=VALUE, got {part!r}")
            pairs[key] = value
    return pairs


def _show(taken: ImportResult) -> None:
    """Print the imported content, before it is uploaded to MLflow."""
    for file, reading in taken.readings.items():
        names = ", ".join(dict.fromkeys(one.task.setting.name for one in reading.reported))
        left_out = f", {len(reading.problems)} left out" if reading.problems else ""
        n = len(reading.reported)
        plural = "" if n == 1 else "s"
        click.echo(f"{file.name}: {n} result{plural} of {names}{left_out}")
    for name, results in _by_setting(taken.results).items():
        click.echo(summary(name, aggregates(results)))
    _tell(taken)


def _tell(taken: ImportResult) -> None:
    complain(first(problems(taken.results)))
    already = len(taken.results) - taken.n_new
    click.echo(f"{taken.folder}: {taken.n_new} added, {already} already there", err=True)


def _show_next(taken: ImportResult) -> None:
    if len(_by_setting(taken.results)) > 1:
        show("Compare them", "bench", "compare", name_of(taken.folder))
    else:
        show("Compare it with other results", "bench", "compare", name_of(taken.folder), "OTHER")


def _object(taken: ImportResult) -> dict[str, object]:
    return {
        "files": [
            {
                "file": str(file),
                "results": len(reading.reported),
                "left_out": list(reading.problems),
            }
            for file, reading in taken.readings.items()
        ],
        "new": taken.n_new,
        "results": [row(result) for result in taken.results],
        "tracking_uri": mask(taken.where.uri),
        "work_dir": str(taken.folder),
    }


def _by_setting(results: Iterable[Result]) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = {}
    for result in results:
        found.setdefault(result.task.setting.name, []).append(result)
    return found
