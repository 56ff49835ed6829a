"""What went wrong with MLflow, in one line that says what to do."""

from __future__ import annotations

import re

from bench.errors import TrackingError
from bench.tracking.uri import mask

_REFUSALS = frozenset(
    {
        "BAD_REQUEST",
        "INVALID_PARAMETER_VALUE",
        "INVALID_STATE",
        "MALFORMED_REQUEST",
        "RESOURCE_ALREADY_EXISTS",
        "RESOURCE_DOES_NOT_EXIST",
    }
)

_ADVICE = {
    r"Connection refused|Connection aborted|Connection reset|Failed to establish"
    r"|NameResolution|timed out|ConnectTimeout": (
        "the server does not answer; is it running and the address right?"
    ),
    r"\b401\b|Unauthorized|not authenticated": (
        "the server refuses the credentials; set MLFLOW_TRACKING_USERNAME and "
        "MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN"
    ),
    r"\b403\b|Permission denied|PERMISSION_DENIED": "permission denied",
    r"database is locked": "another program keeps the database locked",
    r"database or disk is full|No space left": "the disk is full",
    r"readonly database": "the database is read-only",
    r"unable to open database file": "the database cannot be opened; does its folder exist?",
    r"file is not a database|disk image is malformed": "the file is no usable database",
    r"out-of-date database schema": (
        "the database was made by another version of MLflow; back it up, "
        "then run `mlflow db upgrade` with this address"
    ),
    r"maintenance mode": (
        "MLflow 3 no longer writes to folders; use sqlite:///mlflow.db, "
        "and `mlflow migrate-filestore` for existing runs"
    ),
    r"No module named '(psycopg2?|MySQLdb|pymysql|pyodbc|pymssql)'": (
        "the driver of this database is not installed"
    ),
    r"unsupported URI|Could not find a registered": (
        "MLflow knows no store of this kind; use sqlite:///..., http://... or a database address"
    ),
}


class RefusedError(TrackingError):
    """MLflow answers, and will not take this one record; others it may."""


def failure(error: BaseException, uri: str) -> TrackingError:
    """Return the error to raise: a RefusedError, or a plain one where nothing can be written."""
    refused = getattr(error, "error_code", None) in _REFUSALS
    return (RefusedError if refused else TrackingError)(explain(error, uri))


def explain(error: BaseException, uri: str) -> str:
    """Return one line: the store (without credentials), the cause, and what to do if known."""
    text = f"{type(error).__name__}: {error}"
    advice = next((advice for pattern, advice in _ADVICE.items() if re.search(pattern, text)), None)
    return f"MLflow at {mask(uri)}: {advice or mask(_first_line(error))}"


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:300] if lines else type(error).__name__
