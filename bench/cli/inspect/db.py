"""``bench db``: MLflow's database read directly, and deleted runs removed for good."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from bench.app.options import StoreOptions
from bench.cli.shared.durations import seconds
from bench.cli.shared.number_types import FiniteFloatRange, IntegerRange
from bench.cli.shared.options import complain, tracking_uri_option
from bench.database import database, garbage
from bench.database.database import Rows
from bench.database.listing import RunFilter, listing
from bench.errors import BenchError
from bench.report.terminal.database_rows import RowsFormat, lines
from bench.tracking.background_sync import mlflow_connection

F = TypeVar("F", bound=Callable[..., Any])


def form_options(function: F) -> F:
    """Add how the rows are written."""
    for form in (RowsFormat.CSV, RowsFormat.JSON):
        function = click.option(
            f"--{form}", "form", flag_value=str(form), help=f"Write {form.upper()} instead."
        )(function)
    return tracking_uri_option(function)


@click.group("db", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Read MLflow's database directly: tables, queries, runs, deleted runs.

    SQLite and PostgreSQL. The address is that of the database, not of a server.
    """


@command.command("tables")
@form_options
def tables(tracking_uri: str | None, form: str | None) -> None:
    """List the tables and how many rows each has."""
    with database.reading(tracking_uri) as connection:
        _print(database.tables(connection), form)


@command.command("schema")
@click.argument("table")
@click.option("--only-field-names", is_flag=True, help="Print the names alone, a line each.")
@form_options
def schema(
    table: str, tracking_uri: str | None, form: str | None, *, only_field_names: bool
) -> None:
    """List the fields of a TABLE: name, type, key, what it refers to."""
    with database.reading(tracking_uri) as connection:
        found = database.schema(connection, table)
        if not only_field_names:
            _print(found, form)
        elif form:
            _print(Rows(found.names[:1], (row[:1] for row in found.rows)), form)
        else:
            _write(f"{row[0]}\n" for row in found.rows)


@command.command("query")
@click.argument("statement")
@click.option(
    "--time-limit",
    type=FiniteFloatRange(min=0, min_open=True),
    default=database.QUERY_TIME_LIMIT_S,
    show_default=True,
    metavar="S",
    help="Seconds that the query may take.",
)
@form_options
def query(statement: str, tracking_uri: str | None, form: str | None, *, time_limit: float) -> None:
    """Execute one STATEMENT, which can only read: the database sees to that.

    On PostgreSQL a function may do more than read, as far as the user of the address may use it;
    pg_terminate_backend is one. For statements of others give a user who may only read.
    """
    with database.reading(tracking_uri) as connection:
        _print(database.query(connection, statement, time_limit), form)


@command.command("runs")
@click.option(
    "--experiment-name",
    envvar=["BENCH_EXPERIMENT_NAME", "MLFLOW_EXPERIMENT_NAME"],
    metavar="NAME",
    help="Only runs of this experiment.  [default: all]",
)
@click.option(
    "--kind", type=click.Choice(["setting", "task", "sweep"]), help="Only runs of this kind."
)
@click.option("--limit", type=IntegerRange(min=1), metavar="N", help="Only the newest N.")
@click.option(
    "--metric", "metrics", multiple=True, metavar="NAME", help="Show this metric as well."
)
@click.option("--deleted", is_flag=True, help="Only deleted runs instead.")
@form_options
def runs(
    experiment_name: str | None,
    metrics: tuple[str, ...],
    tracking_uri: str | None,
    form: str | None,
    **others: Any,
) -> None:
    """List runs, newest first, by one query, however many there are.

    solved, time_s and nodes are those of a task; of a setting they are the number of solved
    tasks and the shifted geometric means time_sgm1_s and nodes_sgm100.
    """
    experiment = StoreOptions(experiment_name=experiment_name).given_experiment()
    wanted = RunFilter(experiment=experiment, metrics=metrics, **others)
    with database.reading(tracking_uri) as connection:
        _print(listing(connection, wanted), form)


@command.command("experiment")
@click.argument("name")
@tracking_uri_option
def experiment(name: str, tracking_uri: str | None) -> None:
    """Create the experiment NAME where it is missing, and print its id.

    To be done once before processes that record in it at the same time; a new SQLite database is
    created as well. The address may be that of a server.
    """
    click.echo(mlflow_connection(tracking_uri, name)().place)


@command.command("gc")
@click.option(
    "--older-than", metavar="AGE", help="Only what was deleted so long ago: 30d, 8h, 1d12h."
)
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and leave it.")
@form_options
def collect(
    older_than: str | None, tracking_uri: str | None, form: str | None, *, dry_run: bool
) -> None:
    """Remove deleted runs for good, with their artifacts on this machine.

    Artifacts kept elsewhere are left to `mlflow gc`, and so are their runs.
    """
    age_s = seconds(older_than, "--older-than") if older_than else 0.0
    with garbage.writing(tracking_uri) as connection:
        found = garbage.find(connection, age_s)
        rows = ((one.run_id, one.name, one.size_mib, str(one.folder or "")) for one in found)
        shown = list(rows)
        n_removed = 0 if dry_run else sum(garbage.remove(connection, found))
    _print(Rows(("run_id", "name", "artifacts_mib", "artifacts"), iter(shown)), form)
    obstacles = [f"{one.run_id}: {one.obstacle}" for one in found if one.obstacle]
    complain(obstacles)
    n_removable = len(found) - len(obstacles)
    done = f"{n_removable} runs would be removed" if dry_run else f"{n_removed} runs removed"
    complain([f"{done}; bench db vacuum makes the database smaller" if n_removed else done])
    if obstacles:
        raise BenchError(f"{len(obstacles)} deleted runs cannot be removed from here")


@command.command("vacuum")
@tracking_uri_option
def vacuum(tracking_uri: str | None) -> None:
    """Give the space of removed runs back to the file system.

    Nobody should be writing meanwhile.
    """
    with garbage.writing(tracking_uri) as connection:
        garbage.vacuum(connection)


def _print(found: Rows, form: str | None) -> None:
    _write(lines(found.names, found.rows, RowsFormat(form or RowsFormat.TABLE)))


def _write(texts: Iterable[str]) -> None:
    sys.stdout.writelines(texts)
