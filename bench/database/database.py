"""Read MLflow's database directly, SQLite and PostgreSQL alike: its tables, and any query.

The database itself prevents a query from writing. MLflow's own client needs about 2 ms per run.
"""

from __future__ import annotations

import difflib
import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, count, takewhile
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy
from sqlalchemy import Connection, CursorResult, Engine, func, literal, select, union_all
from sqlalchemy.exc import SQLAlchemyError

from bench.errors import TrackingError, UsageError
from bench.store.failure import failure
from bench.store.uri import is_server, mask, resolve_uri, sqlite_path

POSTGRESQL = "postgresql"

QUERY_TIME_LIMIT_S = 60.0
"""The default time limit of a query."""

_BLOCK = 1000
_STEPS = 10_000
"""SQLite checks the time after this many virtual machine instructions, about 0.1 ms."""
_BUSY_S = 5.0
_READS = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
    }
)
_MISSING_TABLE = re.compile(r"no such table: (?:main\.)?(\S+)|relation \"([^\"]+)\" does not exist")
_CURSOR = "bench_query"
_OPEN_CURSOR = f"""
    DO $$ DECLARE given refcursor := '{_CURSOR}';
    BEGIN OPEN given FOR EXECUTE current_setting('bench.query'); END $$
"""


class Rows(NamedTuple):
    """Named columns, and an iterator of rows that are fetched on demand."""

    names: tuple[str, ...]
    rows: Iterator[Sequence[Any]]


Read = Callable[[Connection], Rows]


@contextmanager
def reading(uri: str | None) -> Iterator[Connection]:
    """Connect read-only to the database behind a tracking URI.

    Raise UsageError if the URI is not a database, TrackingError if it cannot be read.
    """
    resolved = database_uri(uri)
    with failing_clearly(resolved), engine(resolved, "ro").connect() as connection:
        read_only = connection.execution_options(postgresql_readonly=True)
        if sqlite_path(resolved):
            read_only.exec_driver_sql("SELECT count(*) FROM sqlite_master")
        yield read_only


def database_uri(uri: str | None) -> str:
    """Return the URI of an existing database, resolved as in all commands."""
    resolved = resolve_uri(uri)
    path = sqlite_path(resolved)
    scheme = resolved.partition(":")[0].partition("+")[0]
    if path is None and scheme != POSTGRESQL:
        what = "a server" if is_server(resolved) else "neither SQLite nor PostgreSQL"
        raise UsageError(
            f"{mask(resolved)} is {what}; give the address of its database, "
            "--tracking-uri sqlite:///... or postgresql://..."
        )
    if path is not None and not path.is_file():
        raise TrackingError(f"{path}: the database does not exist; see --tracking-uri")
    return resolved


def engine(resolved: str, mode: str) -> Engine:
    """Return the SQLAlchemy engine; ``mode`` is ``ro`` or ``rw`` and applies to SQLite."""
    path = sqlite_path(resolved)
    if path is None:
        try:
            address = sqlalchemy.make_url(resolved)
        except ValueError as error:
            raise UsageError(f"{mask(resolved)}: not the address of a database: {error}") from error
        return sqlalchemy.create_engine(address, poolclass=sqlalchemy.NullPool)
    connect = _connector(path, mode)
    return sqlalchemy.create_engine("sqlite://", creator=connect, poolclass=sqlalchemy.NullPool)


@contextmanager
def failing_clearly(resolved: str) -> Iterator[None]:
    """Turn an error of the database driver into one line without credentials."""
    try:
        yield
    except (SQLAlchemyError, ImportError) as error:
        raise failure(getattr(error, "orig", None) or error, resolved) from error


def tables(connection: Connection) -> Rows:
    """Return each table and its number of rows."""
    counts = [
        select(literal(name), func.count()).select_from(sqlalchemy.table(name))
        for name in _tables(connection)
    ]
    found = connection.execute(union_all(*counts)).all() if counts else []
    return Rows(("table", "rows"), (tuple(row) for row in sorted(map(tuple, found))))


def schema(connection: Connection, table: str) -> Rows:
    """Return the fields of a table: name, type, nullable, key, and foreign key."""
    known = _tables(connection)
    if table not in known:
        raise UsageError(f"no such table {table!r}; {_hint(table, known)}")
    look = sqlalchemy.inspect(connection)
    keys = look.get_pk_constraint(table)["constrained_columns"]
    foreign = {
        own: f"{key['referred_table']}.{other}"
        for key in look.get_foreign_keys(table)
        for own, other in zip(key["constrained_columns"], key["referred_columns"], strict=True)
    }
    rows = (
        (
            field["name"],
            str(field["type"]),
            "null" if field["nullable"] else "not null",
            "primary" if field["name"] in keys else "",
            foreign.get(field["name"], ""),
        )
        for field in look.get_columns(table)
    )
    return Rows(("field", "type", "null", "key", "refers to"), rows)


def query(connection: Connection, text: str, time_limit_s: float = QUERY_TIME_LIMIT_S) -> Rows:
    """Execute one statement of the user and return its rows.

    The text is not parsed. SQLite's authorizer allows only reading. PostgreSQL gets the text as a
    value, for a cursor in a read-only transaction that the text cannot end. Raise UsageError if the
    database rejects the statement, or if it takes longer than ``time_limit_s``, including the time
    in which rows are read.
    """
    deadline = _Deadline(time_limit_s)
    with _query_errors(connection, deadline):
        if connection.dialect.name == POSTGRESQL:
            found = _by_cursor(connection, text, deadline)
        else:
            found = _authorized(connection, text, deadline)
    return Rows(found.names, _read(found.rows, connection, deadline))


class _Deadline:
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def left_s(self) -> float:
        return self._end - time.monotonic()


@contextmanager
def _query_errors(connection: Connection, deadline: _Deadline) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        if deadline.left_s <= 0:
            raise UsageError(
                f"the query took longer than {deadline.seconds:g} s; add a LIMIT or conditions, "
                "or raise --time-limit"
            ) from error
        raise UsageError(_refusal(connection, error)) from error


def _read(
    rows: Iterator[Sequence[Any]], connection: Connection, deadline: _Deadline
) -> Iterator[Sequence[Any]]:
    with _query_errors(connection, deadline):
        yield from rows


def has_table(connection: Connection, name: str) -> bool:
    """Return whether there is a table of this name."""
    return sqlalchemy.inspect(connection).has_table(name)


def _authorized(connection: Connection, text: str, deadline: _Deadline) -> Rows:
    raw: Any = connection.connection.dbapi_connection
    raw.set_progress_handler(lambda: deadline.left_s <= 0, _STEPS)
    raw.set_authorizer(_only_reads)
    try:
        found = connection.exec_driver_sql(text)
    finally:
        raw.set_authorizer(None)
    if not found.returns_rows:
        raise UsageError("the statement returns no rows; write a SELECT")
    return Rows(tuple(found.keys()), map(tuple, found))


def _only_reads(action: int, *_: object) -> int:
    return sqlite3.SQLITE_OK if action in _READS else sqlite3.SQLITE_DENY


def _by_cursor(connection: Connection, text: str, deadline: _Deadline) -> Rows:
    def fetch() -> CursorResult[Any]:
        _set_timeout(connection, deadline)
        return connection.exec_driver_sql(f"FETCH {_BLOCK} FROM {_CURSOR}")

    given = func.set_config("bench.query", text, literal(value=True))
    connection.execute(select(given)).all()
    _set_timeout(connection, deadline)
    connection.exec_driver_sql(_OPEN_CURSOR)
    first = fetch()
    blocks = chain([first], (fetch() for _ in count()))
    full = takewhile(bool, (block.all() for block in blocks))
    return Rows(tuple(first.keys()), map(tuple, chain.from_iterable(full)))


def _set_timeout(connection: Connection, deadline: _Deadline) -> None:
    milliseconds = max(1, round(1000 * deadline.left_s))
    timeout = func.set_config("statement_timeout", str(milliseconds), literal(value=True))
    connection.execute(select(timeout)).all()


def _connector(path: Path, mode: str) -> Callable[[], sqlite3.Connection]:
    address = f"{path.as_uri()}?mode={mode}"
    return lambda: sqlite3.connect(address, uri=True, timeout=_BUSY_S)


def _refusal(connection: Connection, error: SQLAlchemyError) -> str:
    said = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    if said.startswith("not authorized"):
        return "not authorized: a query may only read"
    missing = _MISSING_TABLE.search(said)
    if not missing:
        return mask(said)
    connection.rollback()
    return f"{said}; {_hint(missing[1] or missing[2], _tables(connection))}"


def _tables(connection: Connection) -> list[str]:
    return sorted(sqlalchemy.inspect(connection).get_table_names())


def _hint(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else "see bench db tables"
