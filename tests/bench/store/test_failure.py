"""Messages about MLflow's failures."""

from __future__ import annotations

import pytest
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import (
    INTERNAL_ERROR,
    INVALID_PARAMETER_VALUE,
    RESOURCE_DOES_NOT_EXIST,
    TEMPORARILY_UNAVAILABLE,
)

from bench.store.failure import RefusedError, explain, failure


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("ProtocolError('Connection aborted.', ConnectionResetError(104))", "does not answer"),
        ("ConnectTimeout: the pool", "does not answer"),
        ("Max retries exceeded: Connection refused", "does not answer"),
        ("error code 401 != 200. Response body: ''", "MLFLOW_TRACKING_USERNAME"),
        ("(sqlite3.OperationalError) database is locked\n[SQL: INSERT]", "keeps the database"),
        ("(sqlite3.OperationalError) database or disk is full", "the disk is full"),
        ("attempt to write a readonly database", "read-only"),
        ("Detected out-of-date database schema (found version x)", "mlflow db upgrade"),
        ("The filesystem tracking backend is in maintenance mode", "sqlite:///mlflow.db"),
        ("No module named 'psycopg2'", "scip-bench[postgresql]"),
        ("No module named 'pymysql'", "driver of this database is not installed: pymysql"),
        ("No module named 'google.cloud'", "package which is not installed: google.cloud"),
        ("(psycopg.OperationalError) FATAL: password authentication failed", "MLFLOW_TRACKING_URI"),
        ('FATAL:  role "me" does not exist', "refuses user or password"),
        ("permission denied for schema public", "no permission for schema public"),
        ("could not translate host name", "does not answer"),
        ("server closed the connection unexpectedly", "does not answer"),
        ("[Errno 13] Permission denied: '/srv/x'", "no permission to write /srv/x"),
        ("SSLError(SSLEOFError(8, '[SSL: UNEXPECTED_EOF", "use http:// instead of https://"),
        ("failed with error code 404 != 200. Response body: '<!DOCTYPE", "but not MLflow"),
        ("Invalid Host header - possible DNS rebinding", "--allowed-hosts"),
        ("Prior attempt to load libhdfs failed", "--artifacts-destination hdfs://"),
        ("Unable to load libjvm: dlopen", "JAVA_HOME"),
        ("Unable to locate credentials", "AWS_ACCESS_KEY_ID"),
        ("(NoSuchBucket) when calling PutObject", "bucket of the artifact store"),
    ],
)
def test_a_known_cause_comes_with_what_to_do(text: str, advice: str) -> None:
    """MLflow's own texts are long and say it at the end or never."""
    assert advice in explain(RuntimeError(text), "sqlite:////data/x.db")


def test_a_missing_database_comes_with_the_command_that_creates_it() -> None:
    """The address of the server is in it, user and password are not."""
    text = 'connection failed: FATAL:  database "runs" does not exist'
    said = explain(RuntimeError(text), "postgresql://me:secret@host:5433/runs")
    assert said.endswith("create it with: createdb --host host --port 5433 runs")
    assert "secret" not in said


def test_an_unknown_cause_is_its_first_line() -> None:
    """A traceback in the middle of a progress bar helps nobody."""
    text = explain(RuntimeError("\n something new \nmore"), "http://host")
    assert text == "MLflow at http://host: something new"


def test_a_cause_without_text_is_named_by_its_type() -> None:
    """There is always a reason."""
    assert explain(KeyError(), "http://host") == "MLflow at http://host: KeyError"


def test_credentials_are_not_repeated() -> None:
    """Neither those of the address nor those in the message."""
    text = explain(RuntimeError("cannot GET http://me:secret@host/x"), "http://me:secret@host")
    assert "secret" not in text


@pytest.mark.parametrize(
    ("code", "refused"),
    [
        (INVALID_PARAMETER_VALUE, True),
        (RESOURCE_DOES_NOT_EXIST, True),
        (TEMPORARILY_UNAVAILABLE, False),
        (INTERNAL_ERROR, False),
    ],
)
def test_a_record_that_is_refused_is_told_from_a_store_that_is_away(
    code: int, refused: bool
) -> None:
    """The one is set aside, for the other everything waits."""
    error = failure(MlflowException("no", error_code=code), "http://server")
    assert isinstance(error, RefusedError) is refused
