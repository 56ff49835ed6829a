"""``bench db``: read MLflow's database directly, and remove deleted runs for good."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar

import click

from bench.app.options import StoreOptions
from bench.cli.shared.command_classes import ListingGroup
from bench.cli.shared.durations import seconds
from bench.cli.shared.number_types import FiniteFloatRange, IntegerRange
from bench.cli.shared.options import complain, tracking_uri_option
from bench.database import database, garbage
from bench.database.database import Rows
from bench.database.listing import RunFilter, listing
from bench.errors import BenchError
from bench.report.terminal.database_rows import RowsFormat, lines
from bench.store.uri import resolve_uri
from bench.tracking import patience
from bench.tracking.background_sync import mlflow_connection
from bench.tracking.patience import Patience, work_within

F = TypeVar("F", bound=Callable[..., Any])


def form_options(function: F) -> F:
    """Add the option for the format of rows."""
    for form in (RowsFormat.CSV, RowsFormat.JSON):
        function = click.option(
            f"--{form}",
            "form",
            flag_value=str(form),
            help=f"Print {form.upper()} instead of a table.",
        )(function)
    return tracking_uri_option(function)


@click.group("db", cls=ListingGroup, context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Read MLflow's database directly: tables, queries, runs, deleted runs.

    SQLite and PostgreSQL are supported. The address must be that of the database, not of an MLflow
    server.
    """


@command.command("tables")
@form_options
def tables(tracking_uri: str | None, form: str | None) -> None:
    """List the tables and how many rows each has."""
    _print_read(tracking_uri, database.tables, form)


@command.command("schema")
@click.argument("table")
@click.option("--only-field-names", is_flag=True, help="Print only the names, one per line.")
@form_options
def schema(
    table: str, tracking_uri: str | None, form: str | None, *, only_field_names: bool
) -> None:
    """List the fields of a TABLE: name, type, key and referenced field."""

    def read(connection: Any) -> Rows:
        found = database.schema(connection, table)
        if not only_field_names:
            return found
        return Rows(found.names[:1], (row[:1] for row in found.rows))

    if form or not only_field_names:
        _print_read(tracking_uri, read, form)
    else:
        _within(tracking_uri, read, lambda found: (f"{row[0]}\n" for row in found.rows))


@command.command("query")
@click.argument("statement")
@click.option(
    "--time-limit",
    type=FiniteFloatRange(min=0, min_open=True),
    default=database.QUERY_TIME_LIMIT_S,
    show_default=True,
    metavar="S",
    help="Stop the query after this many seconds.",
)
@form_options
def query(statement: str, tracking_uri: str | None, form: str | None, *, time_limit: float) -> None:
    """Execute one read-only STATEMENT; the database prevents writing.

    On PostgreSQL, functions such as pg_terminate_backend can still have effects if the user in the
    address may call them. For statements from others, use a database user with read-only rights.
    """
    read = partial(database.query, text=statement, time_limit_s=time_limit)
    _print_read(tracking_uri, read, form, longest_s=time_limit + patience.QUIET_S)


@command.command("runs")
@click.option(
    "--experiment-name",
    envvar=["BENCH_EXPERIMENT_NAME", "MLFLOW_EXPERIMENT_NAME"],
    metavar="NAME",
    help="List only runs of this experiment.  [default: all]",
)
@click.option(
    "--kind", type=click.Choice(["setting", "task", "sweep"]), help="List only runs of this kind."
)
@click.option("--limit", type=IntegerRange(min=1), metavar="N", help="List only the newest N runs.")
@click.option("--metric", "metrics", multiple=True, metavar="NAME", help="Also show this metric.")
@click.option("--deleted", is_flag=True, help="List deleted runs instead.")
@form_options
def runs(
    experiment_name: str | None,
    metrics: tuple[str, ...],
    tracking_uri: str | None,
    form: str | None,
    **others: Any,
) -> None:
    """List runs, newest first, with a single query.

    For a task, the columns solved, time_s and nodes are its own values; for a setting, they are the
    number of solved tasks and the shifted geometric means time_sgm1_s and nodes_sgm100.
    """
    experiment = StoreOptions(experiment_name=experiment_name).given_experiment()
    wanted = RunFilter(experiment=experiment, metrics=metrics, **others)
    _print_read(tracking_uri, lambda connection: listing(connection, wanted), form)


@command.command("experiment")
@click.argument("name")
@tracking_uri_option
def experiment(name: str, tracking_uri: str | None) -> None:
    """Create the experiment NAME if it does not exist, and print its id.

    Execute this once before several processes record in the experiment at the same time. A missing
    SQLite database is created too. The address may be that of a server.
    """
    click.echo(mlflow_connection(tracking_uri, name)().place)


@command.command("gc")
@click.option(
    "--older-than",
    metavar="AGE",
    help="Remove only runs deleted at least this long ago: 30d, 8h, 1d12h.",
)
@click.option(
    "--dry-run", is_flag=True, help="Print what would be removed, without removing anything."
)
@form_options
def collect(
    older_than: str | None, tracking_uri: str | None, form: str | None, *, dry_run: bool
) -> None:
    """Remove deleted runs permanently, with their artifacts on this machine.

    Runs whose artifacts are stored elsewhere are kept; use `mlflow gc` for them.
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
        raise BenchError(
            f"{len(obstacles)} deleted runs could not be removed; the lines above say why"
        )


@command.command("vacuum")
@tracking_uri_option
def vacuum(tracking_uri: str | None) -> None:
    """Return the space of removed runs to the file system.

    No other process should write to the database at the same time.
    """
    with garbage.writing(tracking_uri) as connection:
        garbage.vacuum(connection)


def _print_read(
    uri: str | None,
    read: database.Read,
    form: str | None,
    longest_s: float = patience.READING_S,
) -> None:
    """Print data from a database; see `_within`."""
    _within(uri, read, lambda found: _lines(found, form), longest_s)


def _within(
    uri: str | None,
    read: database.Read,
    texts: Callable[[Rows], Iterable[str]],
    longest_s: float = patience.READING_S,
) -> None:
    """Write texts computed from a database; a database that answers too slowly is given up."""
    n_rows = 0

    def counted(rows: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        nonlocal n_rows
        for row in rows:
            n_rows += 1
            yield row

    def work() -> None:
        with database.reading(uri) as connection:
            found = read(connection)
            _write(texts(found._replace(rows=counted(found.rows))))

    limit = Patience.with_reading(resolve_uri(uri), longest_s)
    work_within(limit, work, lambda: n_rows)


def _print(found: Rows, form: str | None) -> None:
    _write(_lines(found, form))


def _lines(found: Rows, form: str | None) -> Iterable[str]:
    return lines(found.names, found.rows, RowsFormat(form or RowsFormat.TABLE))


def _write(texts: Iterable[str]) -> None:
    sys.stdout.writelines(texts)
