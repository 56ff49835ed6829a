"""Errors of MLflow, converted to one line with the next step."""

from __future__ import annotations

import re
from contextlib import suppress
from urllib.parse import urlsplit

from bench.errors import TrackingError
from bench.store.uri import mask

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
    r"unable to open database file": "the database cannot be opened; does its folder exist?",
    r"password authentication failed|no password supplied|role \"[^\"]*\" does not exist"
    r"|Access denied for user": (
        "the database refuses user or password; give both in MLFLOW_TRACKING_URI, "
        "or the password in PGPASSWORD"
    ),
    r"database \"([^\"]+)\" does not exist|Unknown database '([^']+)'": (
        "there is no such database; create it with: createdb {server}{found}"
    ),
    r"permission denied for (\w+ \w+)": "the user of the database has no permission for {found}",
    r"Invalid Host header": (
        "the server rejects this host name; start it with --allowed-hosts, or use its own name"
    ),
    r"CERTIFICATE_VERIFY_FAILED": (
        "the certificate of the server is not trusted; set MLFLOW_TRACKING_SERVER_CERT_PATH"
    ),
    r"SSLError|\[SSL": "the server does not use TLS; use http:// instead of https://",
    r"libhdfs|libjvm|HadoopFileSystem|HADOOP_HOME": (
        "its artifacts are on hdfs://, which needs a Hadoop client here (JAVA_HOME, HADOOP_HOME, "
        "CLASSPATH, libhdfs); or let a server keep them: "
        "mlflow server --artifacts-destination hdfs://..."
    ),
    r"Unable to locate credentials|InvalidAccessKeyId|SignatureDoesNotMatch": (
        "the artifact store refuses the credentials; set AWS_ACCESS_KEY_ID and "
        "AWS_SECRET_ACCESS_KEY, and MLFLOW_S3_ENDPOINT_URL if it is not Amazon's"
    ),
    r"NoSuchBucket": "the bucket of the artifact store does not exist",
    r"Could not connect to the endpoint URL": (
        "the artifact store does not answer; check MLFLOW_S3_ENDPOINT_URL"
    ),
    r"No module named '(psycopg2?)'": (
        "the driver of this database is not installed: pip install 'scip-bench[postgresql]'"
    ),
    r"No module named '(MySQLdb|pymysql|pyodbc|pymssql)'": (
        "the driver of this database is not installed: {found}"
    ),
    r"No module named '(boto3|google\.cloud|azure|paramiko|pysftp)\b": (
        "its artifacts are in a store that needs a package which is not installed: {found}"
    ),
    r"BadStatusLine|LineTooLong|got more than \d+|Exceeded \d+ redirects|not in a valid JSON format"
    r"|error code 40[45] != 200\. Response body: '<": (
        "a program answers at this address, but not MLflow; check the address"
    ),
    r"Connection broken|IncompleteRead|InvalidChunkLength|failed to decode": (
        "the answer of the server broke off or is damaged; "
        "repeat it later, and look at the server or the proxy in between if it happens again"
    ),
    r"too many (\d+) error responses|error code (429|5\d\d)\b": (
        "the server answers with error {found}; look at its log, and repeat it later"
    ),
    r"error code 413\b|Request Entity Too Large": (
        "the server refuses files of this size (error 413); raise the limit of the server or of "
        "the proxy in between, as client_max_body_size of nginx"
    ),
    r"ProxyError|Tunnel connection failed|error code 407\b": (
        "the proxy in between does not answer or refuses; see HTTP_PROXY, HTTPS_PROXY and NO_PROXY"
    ),
    r"invalid port number|invalid literal for int|Could not parse SQLAlchemy URL": (
        "the address cannot be read; expected one as postgresql://USER@HOST:PORT/DATABASE"
    ),
    r"too many clients|remaining connection slots|[Tt]oo many connections": (
        "the database server accepts no more connections; try again later"
    ),
    r"no pg_hba\.conf entry": (
        "the database server refuses this user from this machine; see its pg_hba.conf"
    ),
    r"server does not support SSL": (
        "the database server does not speak TLS; add ?sslmode=disable to the address"
    ),
    r"Connection refused|Connection aborted|Connection reset|Failed to establish"
    r"|NameResolution|timed out|ConnectTimeout|timeout expired|resolve host|translate host name"
    r"|server closed the connection|terminating connection|database system is"
    r"|connection is closed|Can't connect to|No route to host|Network is unreachable"
    r"|EOF occurred in violation|closed unexpectedly|Lost connection|has gone away"
    r"|could not (?:receive|send) data": (
        "the server does not answer; check that it is running and that the address is right"
    ),
    r"\b401\b|Unauthorized|not authenticated": (
        "the server refuses the credentials; set MLFLOW_TRACKING_USERNAME and "
        "MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN"
    ),
    r"Permission denied: '([^']+)'": "no permission to write {found}",
    r"\b403\b|Permission denied|PERMISSION_DENIED": "permission denied",
    r"database is locked": "another program keeps the database locked",
    r"database or disk is full|No space left": "the disk is full",
    r"readonly database": "the database is read-only",
    r"file is not a database|disk image is malformed": "the file is not a usable database",
    r"out-of-date database schema": (
        "the database was made by another version of MLflow; back it up, "
        "then run `mlflow db upgrade` with this address"
    ),
    r"maintenance mode": (
        "MLflow 3 no longer writes to folders; use sqlite:///mlflow.db, "
        "and `mlflow migrate-filestore` for existing runs"
    ),
    r"unsupported URI|Could not find a registered": (
        "MLflow knows no store of this kind; use sqlite:///..., http://... or a database address"
    ),
}


class RefusedError(TrackingError):
    """MLflow answers, but rejects this record; it may accept others."""


def failure(error: BaseException, uri: str) -> TrackingError:
    """Return the error to raise: a RefusedError, or a plain one if nothing can be written."""
    refused = getattr(error, "error_code", None) in _REFUSALS
    return (RefusedError if refused else TrackingError)(explain(error, uri))


def explain(error: BaseException, uri: str) -> str:
    """Return one line: the store (without credentials), the cause, and the next step if known."""
    text = f"{type(error).__name__}: {error}"
    return f"MLflow at {mask(uri)}: {_advice(text, uri) or mask(_first_line(error))}"


def _advice(text: str, uri: str) -> str | None:
    for pattern, advice in _ADVICE.items():
        if match := re.search(pattern, text):
            found = next((group for group in match.groups() if group), "")
            return advice.format(found=mask(found), server=_server(uri))
    return None


def _server(uri: str) -> str:
    """Return the options of PostgreSQL's commands for the server of a URI."""
    with suppress(ValueError):
        parts = urlsplit(uri)
        host = f"--host {parts.hostname} " if parts.hostname else ""
        return host + (f"--port {parts.port} " if parts.port else "")
    return ""


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:300] if lines else type(error).__name__
