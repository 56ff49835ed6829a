"""SQL databases as stores, on SQLite; PostgreSQL is in `tests/stores`."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench.errors import TrackingError
from bench.store.sql_database import check_database, first_use

OLDER = "0c779009ac13"


@pytest.fixture
def database(mlflow_uri: str, tmp_path: Path) -> Path:
    """Return a database of this MLflow."""
    copy = tmp_path / "mlflow.db"
    shutil.copy(mlflow_uri.removeprefix("sqlite:///"), copy)
    return copy


def _set_revision(database: Path, revision: str) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", [revision])
        connection.commit()


def test_a_database_of_this_mlflow_is_fine(database: Path) -> None:
    """Nothing is said, and nothing needs to be created."""
    check_database(f"sqlite:///{database}")
    with first_use(f"sqlite:///{database}") as new:
        assert new is None


def test_a_database_of_an_older_mlflow_is_left_alone(database: Path) -> None:
    """MLflow would change its tables without being asked; first comes a backup."""
    _set_revision(database, OLDER)
    before = database.read_bytes()
    with pytest.raises(TrackingError, match=r"back it up, then run `mlflow db upgrade`"):
        check_database(f"sqlite:///{database}")
    assert database.read_bytes() == before


def test_a_database_of_a_newer_mlflow_needs_that_one(database: Path) -> None:
    """`mlflow db upgrade` of this one would not know the way."""
    _set_revision(database, "ffffffffffff")
    with pytest.raises(TrackingError, match="newer MLflow; install that version"):
        check_database(f"sqlite:///{database}")


@pytest.mark.parametrize("uri", ["http://127.0.0.1:1", "databricks", "sqlite:////nowhere/x.db"])
def test_what_is_no_database_or_not_there_yet_passes(uri: str) -> None:
    """Others look at these."""
    check_database(uri)


def test_other_stores_create_their_tables_themselves() -> None:
    """Nothing is to be created over HTTP."""
    with first_use("http://127.0.0.1:1") as new:
        assert new is None
