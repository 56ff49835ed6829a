"""Look into MLflow's SQLite database from Python: its tables, their fields, any query."""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal, overload

import pandas as pd

DATABASE = "mlruns.db"
RUNS = """
    SELECT e.name AS experiment, r.name AS run, r.status, m.key AS metric, m.value
    FROM runs r JOIN experiments e USING (experiment_id)
    LEFT JOIN latest_metrics m ON m.run_uuid = r.run_uuid
    ORDER BY r.start_time DESC, m.key LIMIT 20
"""


class DatabaseError(Exception):
    """The database cannot be read, or has no such table; the message is one line."""


@overload
def get_schema(
    table: str, *, only_field_names: Literal[True], database: str | Path = DATABASE
) -> list[str]: ...
@overload
def get_schema(
    table: str, *, only_field_names: Literal[False] = False, database: str | Path = DATABASE
) -> pd.DataFrame: ...
def get_schema(
    table: str, *, only_field_names: bool = False, database: str | Path = DATABASE
) -> list[str] | pd.DataFrame:
    """Return the fields of a table: name, type, may it be null, place in the primary key.

    With ``only_field_names`` it is the list of their names.
    """
    known = get_tables(database)
    if table not in known:
        raise DatabaseError(f"no table {table!r} in {database}; there are: {', '.join(known)}")
    fields = query(
        'SELECT name, type, "notnull" = 0 AS nullable, pk AS primary_key '
        "FROM pragma_table_info(?) ORDER BY cid",
        [table],
        database,
    )
    return list(fields["name"]) if only_field_names else fields.astype({"nullable": bool})


def get_tables(database: str | Path = DATABASE) -> list[str]:
    """Return the names of all tables, in order."""
    statement = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
    return list(query(statement, database=database)["name"])


def query(
    statement: str, values: Sequence[str | float] = (), database: str | Path = DATABASE
) -> pd.DataFrame:
    """Return what a query finds; the connection cannot write."""
    with _reading(Path(database)) as connection:
        return pd.read_sql_query(statement, connection, params=tuple(values))


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    if not path.is_file():
        raise DatabaseError(
            f"{path}: no such database; make one: mlflow run . -e sklearn --env-manager local"
        )
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            yield connection
    except (sqlite3.Error, pd.errors.DatabaseError) as error:
        raise DatabaseError(f"{path}: {error}") from error


def main(argv: Sequence[str] | None = None) -> None:
    """Print the tables, the fields of one of them, and metrics of the newest runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", default=DATABASE, help="[default: %(default)s]")
    parser.add_argument("--table", default="runs", help="[default: %(default)s]")
    chosen = parser.parse_args(argv)
    print(f"tables: {', '.join(get_tables(chosen.database))}")
    names = get_schema(chosen.table, only_field_names=True, database=chosen.database)
    print(f"fields of {chosen.table}: {', '.join(names)}")
    print(get_schema(chosen.table, database=chosen.database).to_string(index=False))
    print(query(RUNS, database=chosen.database).to_string(index=False))


if __name__ == "__main__":
    try:
        main()
    except DatabaseError as error:
        sys.exit(f"Error: {error}")
