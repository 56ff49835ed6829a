"""SQL databases as stores: whether they answer, their version, and their first use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import sqlalchemy
from sqlalchemy.pool import NullPool

from bench.errors import TrackingError
from bench.store import connectivity
from bench.store.uri import dialect, mask, sqlite_path

_CONNECT_TIMEOUT_S = 5
_CREATION_LOCK = 0x62656E6368  # "bench"
_REVISION = re.compile(r"^(down_)?revision\b[^=\n]*=\s*['\"](\w+)['\"]", re.MULTILINE)


def check_database(uri: str) -> None:
    """Raise the driver's exception if a database cannot be used; other stores pass.

    MLflow's own client would retry for two minutes. Raise TrackingError if another version of
    MLflow created the tables: MLflow would upgrade those of an older one unasked, and without a
    backup. A SQLite database that does not exist yet is accepted.
    """
    file = sqlite_path(uri)
    if dialect(uri) is None or (file is not None and not file.exists()):
        return
    with _connected(uri) as connection:
        found = _revision(connection)
    known, newest = _revisions()
    if found is None or newest is None or found == newest:
        return
    if found in known:
        raise TrackingError(
            f"MLflow at {mask(uri)}: the database was made by an older MLflow; back it up, "
            "then run `mlflow db upgrade` with this address"
        )
    raise TrackingError(
        f"MLflow at {mask(uri)}: the database was made by a newer MLflow; install that version: "
        "pip install --upgrade mlflow (only a backup can undo `mlflow db upgrade`)"
    )


@contextmanager
def first_use(uri: str) -> Iterator[str | None]:
    """Yield the URI under which MLflow is to create its tables, or None if they exist.

    Other processes are locked out meanwhile: for SQLite by a file, for PostgreSQL by its own lock.
    """
    file = sqlite_path(uri)
    if file is not None:
        with connectivity.first_use(file) as new:
            yield f"sqlite:///{new}" if new else None
        return
    if dialect(uri) != "postgresql":
        yield None
        return
    with _connected(uri) as connection:
        if _revision(connection) is not None:
            yield None
            return
        lock = sqlalchemy.text("SELECT pg_advisory_lock(:key)")
        connection.execute(lock, {"key": _CREATION_LOCK})
        yield uri if _revision(connection) is None else None


@contextmanager
def _connected(uri: str) -> Iterator[sqlalchemy.Connection]:
    waits = dialect(uri) in {"postgresql", "mysql"}
    engine = sqlalchemy.create_engine(
        uri,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"connect_timeout": _CONNECT_TIMEOUT_S} if waits else {},
    )
    with engine.connect() as connection:
        yield connection


def _revision(connection: sqlalchemy.Connection) -> str | None:
    """Return the last migration that MLflow has applied; None in a database without any."""
    if not sqlalchemy.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(sqlalchemy.text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found else None


@cache
def _revisions() -> tuple[frozenset[str], str | None]:
    """Return all migrations of the installed MLflow, and the newest if there is only one."""
    spec = find_spec("mlflow")
    if spec is None or spec.origin is None:
        return frozenset(), None
    known: set[str] = set()
    followed: set[str] = set()
    for file in (Path(spec.origin).parent / "store" / "db_migrations" / "versions").glob("*.py"):
        for down, name in _REVISION.findall(file.read_text(encoding="utf-8")):
            (followed if down else known).add(name)
    newest = known - followed
    return frozenset(known), newest.pop() if len(newest) == 1 else None
