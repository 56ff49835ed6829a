"""What takes seconds to make, and is made once for all tests of a session, to be copied."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bench.store.file_lock import FileLock
from tests.commands import forget_stores

PATIENCE_S = 240.0
STORE = "mlflow.db"
"""An MLflow database without runs: its tables take seconds to make."""
LOCATIONS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
    ("logged_models", "artifact_location"),
)
"""Where a store keeps absolute paths: table and column."""


def empty_store(folders: pytest.TempPathFactory) -> Path:
    """Return the SQLite file, to be copied.

    It has no experiment yet: the one that MLflow adds first knows its folder's path.
    """
    return made_once(folders, "template", _create) / STORE


def made_once(folders: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that all workers of this session share, filled by the first that asks."""
    session = folders.getbasetemp()
    shared = session.parent if "PYTEST_XDIST_WORKER" in os.environ else session
    folder, done = shared / name, shared / f"{name}.done"
    lock = FileLock(shared / f"{name}.lock")
    lock.acquire(PATIENCE_S)
    with lock:
        if not done.exists():
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


def copied(source: Path, target: Path) -> Path:
    """Copy a folder with a store, and return the copy: its runs have their files there as well."""
    shutil.copytree(
        source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns(STORE, f"{STORE}-*")
    )
    for origin in target.glob("bench-work/*/origin.json"):
        origin.write_text(origin.read_text().replace(str(source), str(target)))
    if (source / STORE).exists():
        with (
            closing(sqlite3.connect(source / STORE)) as original,
            closing(sqlite3.connect(target / STORE)) as database,
            database,
        ):
            original.backup(database)  # another process may still have it open
            for table, column in LOCATIONS:
                moved = f"UPDATE {table} SET {column} = replace({column}, ?, ?)"
                database.execute(moved, (str(source), str(target)))
    return target


def _create(folder: Path) -> None:
    from mlflow import MlflowClient

    path = folder / STORE
    MlflowClient(f"sqlite:///{path}").search_experiments()
    forget_stores()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DELETE FROM experiments")
