"""An MLflow database without runs, made once for all tests: its tables take seconds to make."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench.store.file_lock import FileLock
from tests.commands import forget_stores

PATIENCE_S = 120.0


def empty_store(folders: pytest.TempPathFactory) -> Path:
    """Return the SQLite file, which all workers of this session share, to be copied.

    It has no experiment yet: the one that MLflow adds first knows its folder's path.
    """
    session = folders.getbasetemp()
    shared = session.parent if "PYTEST_XDIST_WORKER" in os.environ else session
    template = shared / "template.db"
    lock = FileLock(shared / "template.lock")
    lock.acquire(PATIENCE_S)
    with lock:
        if not template.exists():
            _create(template.with_suffix(".new")).replace(template)
    return template


def _create(path: Path) -> Path:
    from mlflow import MlflowClient

    MlflowClient(f"sqlite:///{path}").search_experiments()
    forget_stores()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DELETE FROM experiments")
    return path
