"""Tracking URIs."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from bench.errors import TrackingError
from bench.store.uri import artifact_location, mask, resolve_uri, sqlite_path, without_credentials


@pytest.mark.parametrize("uri", [None, ""])
def test_nothing_given_means_a_database_in_the_folder(uri: str | None, tmp_path: Path) -> None:
    """The default is MLflow's own: mlflow.db where one stands."""
    assert resolve_uri(uri, tmp_path) == f"sqlite:///{tmp_path}/mlflow.db"


def test_a_relative_database_is_made_absolute(tmp_path: Path) -> None:
    """A child in another folder would else write to another database."""
    assert resolve_uri("sqlite:///sub/x.db", tmp_path) == f"sqlite:///{tmp_path}/sub/x.db"


@pytest.mark.parametrize(
    "uri",
    [
        "sqlite:////data/x.db",
        "sqlite:////data/x.db?timeout=5",
        "sqlite+pysqlite:////data/x.db",
        "http://localhost:5000",
        "https://user:secret@example.org/mlflow",
        "postgresql://user@host/db",
        "databricks",
        "databricks://profile",
    ],
)
def test_what_is_absolute_stays_as_it_is(uri: str, tmp_path: Path) -> None:
    """Servers, other databases and absolute files are passed on untouched."""
    assert resolve_uri(uri, tmp_path) == uri


@pytest.mark.parametrize("uri", ["mlruns", "./mlruns", "/data/mlruns", "file:///data/mlruns"])
def test_a_folder_is_refused_with_what_to_use_instead(
    uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MLflow 3 no longer writes to folders."""
    monkeypatch.delenv("MLFLOW_ALLOW_FILE_STORE", raising=False)
    with pytest.raises(TrackingError, match=r"use sqlite:///mlflow\.db"):
        resolve_uri(uri)


def test_a_folder_is_taken_where_mlflow_was_told_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """MLflow's own switch for its old store holds here too."""
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    assert resolve_uri("mlruns", tmp_path) == str(tmp_path / "mlruns")


@pytest.mark.parametrize(
    ("uri", "advice"),
    [
        ("postgres://me:secret@host/db", "postgresql://USER@HOST/DATABASE"),
        ("foo://host", "MLflow has no store foo://"),
        ("http:///path", "the host is missing"),
        ("http://host:99999", "the host or the port is invalid"),
        ("http://me:secret", "the host or the port is invalid"),
        ("http://[::1", "the host or the port is invalid"),
        (f"https://{'a' * 70}.org", "the host or the port is invalid"),
        ("localhost:5000", "use http://localhost:5000"),
    ],
)
def test_an_address_that_cannot_work_is_refused_before_anything_is_executed(
    uri: str, advice: str
) -> None:
    """A typing error would else be found out after hours of solving."""
    with pytest.raises(TrackingError, match=advice) as caught:
        resolve_uri(uri)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("uri", ["sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused(uri: str) -> None:
    """It would be gone with the process."""
    with pytest.raises(TrackingError, match="must be a file"):
        resolve_uri(uri)


def test_only_a_sqlite_uri_has_a_database_file() -> None:
    """The file of a SQLite URI is found, its options left out."""
    assert sqlite_path("sqlite:////data/x.db?timeout=5") == Path("/data/x.db")
    assert sqlite_path("http://localhost:5000") is None


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("http://user:secret@host:5000/x", "http://***@host:5000/x"),
        ("postgresql://u:p%40ss@host/db is down", "postgresql://***@host/db is down"),
        ("https://token@host", "https://***@host"),
        ("http://host?access_token=abc&x=1", "http://host?access_token=***&x=1"),
        ("mysql://host/db?password=abc", "mysql://host/db?password=***"),
        ("http://host:5000/path, mail me@home", "http://host:5000/path, mail me@home"),
        ("sqlite:////data/x.db", "sqlite:////data/x.db"),
        ("sqlite:////home/me@work/a:b@c.db", "sqlite:////home/me@work/a:b@c.db"),
        ("postgresql://u:p/a?s#s'@host/db", "postgresql://***@host/db"),
        ("'postgresql://u:pass@host/db'", "'postgresql://***@host/db'"),
        ("http://host:5000/?at=me@home", "http://host:5000/?at=me@home"),
        ("http://[::1]:5000/a@b", "http://[::1]:5000/a@b"),
        ("http:/user:secret@host/x", "http:/***@host/x"),
        ("http//user:secret@host/x", "http//***@host/x"),
        ("user:secret@host:5000 is down", "***@host:5000 is down"),
        ("'postgresql:user:secret@host/db'", "'postgresql:***@host/db'"),
        ("https://host/#access_token=abc&x=1", "https://host/#access_token=***&x=1"),
        ("https://host/x;token=abc/y", "https://host/x;token=***/y"),
        ("https://host/api/token/abc/x", "https://host/api/token/***/x"),
        ("http://host/#/experiments/1/runs/0f1e2d", "http://host/#/experiments/1/runs/0f1e2d"),
        ("mlflow-artifacts:/1/x@y", "mlflow-artifacts:/1/x@y"),
        ("at 10:30:11@node in a.py:12: b@c", "at 10:30:11@node in a.py:12: b@c"),
        (
            "https://s3?X-Amz-Signature=ab&X-Amz-Security-Token=c",
            "https://s3?X-Amz-Signature=***&X-Amz-Security-Token=***",
        ),
    ],
)
def test_credentials_are_masked_and_nothing_else(text: str, masked: str) -> None:
    """Whatever is printed or stored may be seen by others."""
    assert mask(text) == masked


@pytest.mark.parametrize(
    ("uri", "bare"),
    [
        ("postgresql://u:p@host/db?sslmode=require", "postgresql://host/db?sslmode=require"),
        ("postgresql://host/db?password=p&sslmode=require", "postgresql://host/db?sslmode=require"),
        ("postgresql://host/db?sslmode=require&password=p", "postgresql://host/db?sslmode=require"),
        ("http://token@host:5000/x?access_token=abc", "http://host:5000/x"),
        ("https://host/token/abc/mlflow#key=abc", "https://host/token/***/mlflow"),
        ("sqlite:////data/x.db", "sqlite:////data/x.db"),
    ],
)
def test_what_is_written_down_leads_to_the_same_store_without_secrets(uri: str, bare: str) -> None:
    """Everything but the credentials is kept."""
    assert without_credentials(uri) == bare


@pytest.mark.parametrize(
    "experiment", ["..", ".", "../../x", "/etc", "a/../..", "x" * 300, "ü" * 99]
)
def test_the_artifacts_of_an_experiment_stay_beside_the_database(experiment: str) -> None:
    """Whatever its name: in a folder of their own, with a name that file systems take."""
    location = artifact_location("sqlite:////data/x.db", experiment)
    assert location is not None
    folder = Path(unquote(urlsplit(location).path))
    assert folder.parent == Path("/data/mlruns")
    assert folder.name not in {"", ".", ".."}
    assert len(folder.name.encode()) <= 255
    assert location != artifact_location("sqlite:////data/x.db", experiment + "x")
