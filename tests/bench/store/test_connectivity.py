"""Reaching stores."""

from __future__ import annotations

import os
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench.errors import TrackingError
from bench.store import connectivity
from bench.store.connectivity import check_server, first_use
from bench.store.file_lock import FileLock


@pytest.fixture(autouse=True)
def _without_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib.request.getproxies", dict)


def _create(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.commit()


def _journal_mode(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA journal_mode").fetchone()[0])


def test_a_server_that_listens_is_fine() -> None:
    """One connection is made and closed."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        check_server(f"http://127.0.0.1:{server.getsockname()[1]}")


def test_a_server_that_is_down_is_named_at_once() -> None:
    """Without credentials, and without MLflow's minutes of retries."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(TrackingError, match="does not answer") as caught:
        check_server(f"http://me:secret@127.0.0.1:{port}")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("uri", ["sqlite:////data/x.db", "databricks", "postgresql://host/db"])
def test_other_stores_are_left_to_mlflow(uri: str) -> None:
    """Only an HTTP address can be tried this way."""
    check_server(uri)


def test_behind_a_proxy_nothing_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server may be reachable through it alone."""
    monkeypatch.setattr("urllib.request.getproxies", lambda: {"http": "http://proxy"})
    monkeypatch.setattr("urllib.request.proxy_bypass", lambda _host: False)
    check_server("http://127.0.0.1:1")


def test_a_new_database_on_a_local_disk_lets_readers_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The MLflow UI does not lock the sweep out; no lock file is left."""
    monkeypatch.setattr(connectivity, "_on_local_disk", lambda _path: True)
    path = tmp_path / "mlflow.db"
    with first_use(path) as new:
        assert new is not None
        _create(new)
    assert _journal_mode(path) == "wal"
    assert [file.name for file in tmp_path.iterdir()] == ["mlflow.db"]


def test_on_a_network_disk_the_journal_mode_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Write-ahead mode needs shared memory between all who use the file."""
    monkeypatch.setattr(connectivity, "_on_local_disk", lambda _path: False)
    path = tmp_path / "mlflow.db"
    with first_use(path) as new:
        assert new is not None
        _create(new)
    assert _journal_mode(path) == "delete"


def test_a_database_that_exists_is_left_as_it_is(tmp_path: Path) -> None:
    """It is the user's."""
    path = tmp_path / "mlflow.db"
    _create(path)
    with first_use(path) as new:
        assert new is None
    assert _journal_mode(path) == "delete"


def test_what_a_killed_process_has_half_made_is_made_anew(tmp_path: Path) -> None:
    """A database without some of its tables would be of no use to anybody."""
    path = tmp_path / "mlflow.db"
    _create(tmp_path / "mlflow.db.new")
    with first_use(path) as new:
        assert new is not None
        _create(new)
    assert [file.name for file in tmp_path.iterdir()] == ["mlflow.db"]


def test_while_one_creates_the_others_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two at once would break the tables of both."""
    monkeypatch.setattr(connectivity, "_CREATION_TIMEOUT_S", 0.1)
    path = tmp_path / "mlflow.db"
    with (
        FileLock(tmp_path / "mlflow.db.lock"),
        pytest.raises(TrackingError, match=f"process {os.getpid()} does not finish"),
        first_use(path),
    ):
        pass


def test_a_missing_folder_is_one_clear_error(tmp_path: Path) -> None:
    """SQLite would only say that it cannot open the file."""
    with (
        pytest.raises(TrackingError, match="the folder does not exist"),
        first_use(tmp_path / "missing" / "mlflow.db"),
    ):
        pass
