"""``bench doctor``."""

from __future__ import annotations

import http.server
import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bench.cli.inspect import doctor
from bench.errors import BenchError, SolverError
from bench.solvers import registry


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test be in a folder of its own, and not wait for noise."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(doctor, "NOISE_S", 0.02)


def _invoke(*arguments: str) -> Result:
    return CliRunner().invoke(doctor.command, arguments)


def _found(section: str, *arguments: str) -> Any:
    return json.loads(_invoke("--json", *arguments).stdout)["sections"][section]


def test_a_machine_that_can_work_gives_exit_code_0() -> None:
    """Warnings do not count."""
    result = _invoke()
    assert result.exit_code == 0, result.output
    assert "LP solver SoPlex" in result.stdout


def test_json_is_one_object_with_all_sections() -> None:
    """Whatever a program may want to know."""
    found = json.loads(_invoke("--json").stdout)
    assert found["ok"] is True
    assert list(found["sections"]) == [
        "Versions",
        "Processor",
        "Limits and measures",
        "Memory and disk",
        "Tracking",
        "Now",
    ]
    assert found["sections"]["Versions"]["scip"]["mark"] == "ok"
    assert found["sections"]["Processor"]["cores"]["value"] >= 1


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """Neither a database nor a work folder is made."""
    _invoke()
    assert list(tmp_path.iterdir()) == []


def test_a_solver_that_cannot_be_loaded_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The report is shown all the same, then one line says what is missing."""

    def refuse(name: str) -> None:
        raise SolverError(f"solver {name!r} cannot be loaded: no library")

    monkeypatch.setattr(registry, "load", refuse)
    result = _invoke()
    assert isinstance(result.exception, BenchError)
    assert result.exception.exit_code == 1
    assert str(result.exception) == (
        "required but missing: scip: solver 'scip' cannot be loaded: no library"
    )
    assert "Processor" in result.stdout


def test_a_work_folder_that_cannot_be_made_is_missing(tmp_path: Path) -> None:
    """For example below a file."""
    (tmp_path / "file").touch()
    result = _invoke("--work-dir", "file/below")
    assert "work folder" in str(result.exception)
    assert "file cannot be written: Not a directory" in str(result.exception)


def test_a_work_folder_that_will_be_made_is_fine() -> None:
    """The disk of the nearest folder above it is looked at."""
    assert _found("Memory and disk", "--work-dir", "some/where/new")["disk"]["value"] > 0


def test_a_database_that_does_not_exist_will_be_made(tmp_path: Path) -> None:
    """By the first results, not by the doctor."""
    store = _found("Tracking")["store"]
    assert store["text"] == f"sqlite:///{tmp_path}/mlflow.db: is created by the first results"


def test_a_database_of_mlflow_answers(tmp_path: Path) -> None:
    """Its time is told, and nothing is left beside it."""
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
    store = _found("Tracking")["store"]
    assert store["text"].startswith(f"sqlite:///{tmp_path}/mlflow.db: SQLite answers in")
    assert 0 < store["value"] < 10
    assert [path.name for path in tmp_path.iterdir()] == ["mlflow.db"]


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("sqlite:///none/mlflow.db", "the folder does not exist"),
        ("sqlite:///other.db", "not a database of MLflow"),
        ("plain-folder", "no longer writes to folders"),
        ("http://127.0.0.1:9", "the server does not answer"),
    ],
)
def test_a_store_that_cannot_be_used_is_missing(tmp_path: Path, uri: str, reason: str) -> None:
    """Each with its reason."""
    (tmp_path / "other.db").write_text("no database at all, but long enough to be read as one")
    result = _invoke("--tracking-uri", uri)
    assert isinstance(result.exception, BenchError)
    assert reason in str(result.exception)


@contextmanager
def _serving(status: int, body: str) -> Iterator[str]:
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/mlflow/version" else 418)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/mlflow"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "body", "who"),
    [(200, "3.5.0", "MLflow 3.5.0"), (401, "", "a server that asks for credentials")],
)
def test_a_server_answers_with_its_version(status: int, body: str, who: str) -> None:
    """Also below a path; the time of the answer is told, credentials in the address are not."""
    with _serving(status, body) as uri:
        store = _found("Tracking", "--tracking-uri", uri.replace("//", "//me:word@"))["store"]
    assert f"{who} answers in" in store["text"]
    assert "word" not in store["text"]
    assert store["value"] > 0


def test_another_kind_of_server_is_missing() -> None:
    """It answers, but not as MLflow does."""
    with _serving(404, "") as uri:
        result = _invoke("--tracking-uri", uri)
    assert "not an MLflow server" in str(result.exception)


def test_other_stores_are_not_asked() -> None:
    """A database server is left to the first results."""
    store = _found("Tracking", "--tracking-uri", "postgresql://me:word@host/db")["store"]
    assert store["text"] == "postgresql://***@host/db: not checked; used by the first results"


def test_help_says_what_it_does() -> None:
    """The first line is the one of the list of commands."""
    assert (
        "Show what this machine can measure, and what disturbs measurements."
        in _invoke("-h").stdout
    )


def test_it_takes_a_moment_and_no_mlflow() -> None:
    """A doctor that takes long is not asked; importing mlflow alone takes seconds of CPU."""
    code = (
        "import sys\nfrom bench.cli.inspect.doctor import command\n"
        "command([], standalone_mode=False)\nsys.exit('mlflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert done.returncode == 0


def test_the_command_is_registered(bench: Callable[..., Any]) -> None:
    """Through the command line, an error is one line and the exit code 1."""
    ended = bench("doctor", "--tracking-uri", "plain-folder", code=1)
    assert ended.err.startswith("Error: required but missing: store: ")
    assert len(ended.err.splitlines()) == 1
