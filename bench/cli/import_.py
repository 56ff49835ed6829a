"""``bench import``: results of others, from logs and tables, beside one's own."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import click

from bench.app.import_results import TakenIn, take_in
from bench.app.target import Target, target
from bench.cli.shared.next_step import name_of, say
from bench.cli.shared.options import (
    complain,
    json_option,
    option,
    tracking_options,
    work_dir_option,
)
from bench.comparison.summary.aggregates import aggregates
from bench.errors import BenchError, UsageError
from bench.instances import references as reference_files
from bench.interop import any_format, status_words
from bench.interop.reported import Hints, Reading
from bench.interop.source_file import Format
from bench.journal.table import row
from bench.model.limits import Clock
from bench.model.result import Result
from bench.planning.values import split
from bench.report.terminal.results import problems, summary

SHOWN = 10


@click.command("import", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@option(
    "--format",
    "form",
    type=click.Choice([str(each) for each in Format]),
    help="What the files are.  [default: as their suffixes say]",
)
@option(
    "--map",
    "columns",
    multiple=True,
    metavar="FIELD=COLUMN,...",
    help="Columns of a CSV, e.g. instance=problem,time=seconds.",
)
@option(
    "--status",
    "statuses",
    multiple=True,
    metavar="WORD=STATUS,...",
    help="What status words mean that bench does not know, e.g. warning=optimal.",
)
@option(
    "--setting",
    metavar="NAME",
    help="Name of the setting.  [default: as the file says, with the solver's version]",
)
@option("--time-limit", type=click.FloatRange(min=0), metavar="S", help="Limit of the solves.")
@option(
    "--clock",
    type=click.Choice([str(clock) for clock in Clock]),
    help="What their time counts.  [default: as the file says, else wall]",
)
@option(
    "--solu",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="References, as .solu or .csv; without one for an instance the file's own verdict stands.",
)
@option("--name", metavar="NAME", help="Name of the import.  [default: that of the first file]")
@option("--skip-unreadable", is_flag=True, help="Import the others where a solve cannot be read.")
@tracking_options
@work_dir_option
@json_option
def command(  # noqa: PLR0913 - each is an option
    *,
    files: tuple[Path, ...],
    form: str | None,
    columns: tuple[str, ...],
    statuses: tuple[str, ...],
    setting: str | None,
    time_limit: float | None,
    clock: str | None,
    solu: tuple[Path, ...],
    name: str | None,
    skip_unreadable: bool,
    tracking_uri: str | None,
    experiment_name: str | None,
    work_dir: Path,
    as_json: bool,
) -> None:
    """Import results of others: logs and tables of SCIP's check scripts, any CSV.

    FILE is a .out log, a .res table or a .csv. The results stand beside those of your own sweeps
    in the journal and in MLflow. The same import again adds nothing.
    """
    hints = Hints(
        setting=setting,
        time_limit_s=time_limit,
        clock=None if clock is None else Clock(clock),
        columns=_pairs("--map", columns),
        statuses=status_words.checked(_pairs("--status", statuses)),
    )
    chosen = None if form is None else Format(form)
    references = reference_files.read(solu)
    readings = {file: any_format.read(file, chosen, hints) for file in files}
    _refuse_unreadable(readings, skip=skip_unreadable)
    every = [one for reading in readings.values() for one in reading.reported]
    reported, notes = any_format.once(any_format.completed(one, references) for one in every)
    complain(_first(notes))
    where = target(tracking_uri, experiment_name, os.environ.pop("MLFLOW_RUN_ID", None))
    taken = take_in(name or files[0].stem, reported, references, work_dir, where)
    _show(readings, taken, where, as_json=as_json)
    if taken.undelivered:
        raise BenchError(
            f"not recorded in MLflow: {taken.undelivered}; nothing is lost, deliver it later with:"
            f" bench sync {shlex.quote(str(taken.folder))}"
        )


def _pairs(option_name: str, texts: Iterable[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in texts:
        for part in filter(None, split(text, ",")):
            key, equals, value = (each.strip().strip("\"'") for each in part.partition("="))
            if not (equals and key and value):
                raise UsageError(f"{option_name} {text!r}: expected NAME=VALUE, got {part!r}")
            pairs[key] = value
    return pairs


def _refuse_unreadable(readings: Mapping[Path, Reading], *, skip: bool) -> None:
    lines = [line for reading in readings.values() for line in reading.problems]
    complain(_first(lines))
    if lines and not skip:
        raise UsageError(
            f"{len(lines)} of the solves cannot be read, so nothing was imported;"
            " --skip-unreadable imports the others"
        )
    if not any(reading.reported for reading in readings.values()):
        raise UsageError("none of the solves can be read, so nothing was imported")


def _first(lines: Sequence[str]) -> list[str]:
    more = [f"... and {len(lines) - SHOWN} more lines like these"] if len(lines) > SHOWN else []
    return [*lines[:SHOWN], *more]


def _show(
    readings: Mapping[Path, Reading], taken: TakenIn, where: Target, *, as_json: bool
) -> None:
    if as_json:
        click.echo(json.dumps(_object(readings, taken, where), indent=2))
    else:
        for file, reading in readings.items():
            names = ", ".join(dict.fromkeys(one.task.setting.name for one in reading.reported))
            left_out = f", {len(reading.problems)} left out" if reading.problems else ""
            n = len(reading.reported)
            plural = "" if n == 1 else "s"
            click.echo(f"{file.name}: {n} result{plural} of {names}{left_out}")
        for name, results in _by_setting(taken.results).items():
            click.echo(summary(name, aggregates(results)))
    complain(_first(problems(taken.results)))
    already = len(taken.results) - taken.n_new
    click.echo(f"{taken.folder}: {taken.n_new} added, {already} there already", err=True)
    if not taken.undelivered:
        click.echo(where.where_to_look(taken.experiment_id), err=True)
    if len(_by_setting(taken.results)) > 1:
        say("Compare them", "bench", "compare", name_of(taken.folder))
    else:
        say("Compare it with another", "bench", "compare", name_of(taken.folder), "OTHER")


def _object(readings: Mapping[Path, Reading], taken: TakenIn, where: Target) -> dict[str, object]:
    return {
        "files": [
            {
                "file": str(file),
                "results": len(reading.reported),
                "left_out": list(reading.problems),
            }
            for file, reading in readings.items()
        ],
        "new": taken.n_new,
        "results": [row(result) for result in taken.results],
        "tracking_uri": where.uri,
        "work_dir": str(taken.folder),
    }


def _by_setting(results: Iterable[Result]) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = {}
    for result in results:
        found.setdefault(result.task.setting.name, []).append(result)
    return found
