"""``bench ui`` as far as it needs no browser."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bench.app.campaign.target import Target

Bench = Callable[..., Any]
MACHINE_LEARNING = "&workflowType=machine_learning"


def test_without_a_database_nothing_is_started(bench: Bench, tmp_path: Path) -> None:
    """And none is made."""
    done = bench("ui", code=2)
    assert done.err.startswith(
        f"Error: {tmp_path / 'mlflow.db'}: the database does not exist; record"
    )
    assert not (tmp_path / "mlflow.db").exists()


def test_a_store_that_is_no_database_is_a_usage_error(bench: Bench) -> None:
    """Nothing can be started on it."""
    done = bench("ui", "--tracking-uri", "databricks", code=2)
    assert done.err.startswith("Error: databricks: a server needs a local database")


def test_a_port_in_use_names_a_free_one(bench: Bench, tmp_path: Path) -> None:
    """One line, before anything is started."""
    (tmp_path / "mlflow.db").touch()
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = bench("ui", "--port", str(port), code=1)
    assert done.err.startswith(f"Error: port {port} is in use; try --port ")
    assert len(done.err.splitlines()) == 1


def test_a_server_that_does_not_answer_is_one_line(bench: Bench) -> None:
    """Nothing is started in its place."""
    done = bench("ui", "--tracking-uri", "http://127.0.0.1:9", code=1)
    (line,) = done.err.splitlines()
    assert line.startswith("Error: MLflow at http://127.0.0.1:9: the server does not answer")


@pytest.mark.parametrize(
    ("uri", "way"),
    [
        (
            "http://me:secret@host:5000/",
            "See the results: http://host:5000/#/experiments/7/runs?viewStateShareKey=bench-settings{}",
        ),
        ("sqlite:////usual/mlflow.db", "See the results in /usual/mlflow.db: bench ui"),
        (
            "sqlite:////my own.db",
            "See the results in /my own.db: bench ui --tracking-uri 'sqlite:////my own.db'",
        ),
        (
            "postgresql://me:secret@host/runs",
            "See the results in postgresql://***@host/runs: bench ui --tracking-uri 'postgresql://***@host/runs'",
        ),
    ],
)
def test_where_to_look_is_a_link_or_a_command(
    uri: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store is named, without credentials; as an option of the command if it has to be."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:////usual/mlflow.db")
    assert Target(uri).where_to_look("7") == way.format(MACHINE_LEARNING)


def test_before_anything_is_recorded_the_link_leads_to_the_server() -> None:
    """There is no experiment to show."""
    assert Target("http://host").where_to_look(None) == "See the results: http://host"
