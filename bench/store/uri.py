"""Tracking URIs: the addresses of MLflow stores, made absolute, and shown without credentials."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from urllib.parse import quote, urlsplit

from bench.errors import TrackingError

DEFAULT_DATABASE = "mlflow.db"

_SQLITE = re.compile(r"(?P<scheme>sqlite(?:\+\w+)?)://(?P<path>/[^?]*)?(?P<query>\?.*)?")
_LONGEST = 100
_WORDS = frozenset({"databricks", "databricks-uc", "uc"})
_DIALECTS = frozenset({"sqlite", "postgresql", "mysql", "mssql"})
_SCHEMES = _WORDS | _DIALECTS | {"http", "https"}
_HOST_AND_PORT = re.compile(r"[\w.\-]+:\d+(/.*)?")
_USER_INFO = re.compile(
    r"(?P<scheme>\b[a-zA-Z][\w+.\-]*://)"
    r"(?:[^\s/?#'\"]*|[^\s/?#'\"@:\[]*:(?!\d+[/?#])[^\s@]*)@"
)
"""As in RFC 3986; or a password with a slash or quote in it, as SQLAlchemy accepts."""
_MALFORMED_USER_INFO = re.compile(
    r"(?P<scheme>\b[a-zA-Z][\w+.\-]*:/{0,2}|//|(?<![^\s'\"]))"
    r"(?!\d+:)[^\s'\"@/:]+:[^\s'\"@/?#]+@(?=[\w\[])"
)
"""In an address that lacks its scheme or a slash: ``http:/me:secret@host``, ``me:secret@host``."""
_SENSITIVE = r"[\w.\-]*(?:pass|pwd|token|secret|key|credential|sig|auth)[\w.\-]*"
_SECRET = re.compile(rf"(?P<name>[?&#;/]{_SENSITIVE}=)[^&;/#\s'\"]*", re.IGNORECASE)
_SECRET_IN_PATH = re.compile(
    r"(?P<name>://[^\s'\"?#]*/(?:password|token|secret|api[_-]?key|access[_-]?key)s?/)[^/?#\s'\"]+",
    re.IGNORECASE,
)
"""The text after a path segment that announces a secret: ``https://host/token/1f2e3d``."""


def resolve_uri(uri: str | None, folder: Path | None = None) -> str:
    """Return the tracking URI with every relative SQLite path made absolute.

    The default is ``mlflow.db`` in ``folder`` (default: the current one), as in MLflow itself.
    Raise TrackingError for stores that MLflow 3 no longer writes to: plain folders and ``file:``
    (unless ``MLFLOW_ALLOW_FILE_STORE=true``); for a database in memory, which would be lost; and
    for an address of a kind that neither MLflow nor its plugins know.
    """
    base = Path.cwd() if folder is None else folder.absolute()
    if not uri:
        return _sqlite_uri("sqlite", base / DEFAULT_DATABASE)
    if match := _SQLITE.fullmatch(uri):
        return _absolute_sqlite(match, base)
    if uri in _WORDS or ("://" in uri and not uri.startswith("file:")):
        _check_address(uri)
        return uri
    if _HOST_AND_PORT.fullmatch(uri):
        raise TrackingError(f"tracking URI {uri}: the scheme is missing; use http://{uri}")
    if os.environ.get("MLFLOW_ALLOW_FILE_STORE", "").lower() in {"true", "1"}:
        return uri if uri.startswith("file:") else str(base / uri)
    raise TrackingError(
        f"tracking URI {mask(uri)}: MLflow 3 no longer writes to folders; use "
        f"sqlite:///{DEFAULT_DATABASE} or the address of an MLflow server, and migrate existing "
        "runs with: mlflow migrate-filestore --source FOLDER --target "
        f"sqlite:///{DEFAULT_DATABASE}"
    )


def anchored(uri: str, folder: Path) -> str:
    """Return the URI with a relative path of its store resolved from a folder.

    Any other URI is returned unchanged, including those that `resolve_uri` rejects.
    """
    if match := _SQLITE.fullmatch(uri):
        path = (match["path"] or "")[1:]
        if path in {"", ":memory:"} or path.startswith("file:"):
            return uri
        return _sqlite_uri(match["scheme"], folder / path) + (match["query"] or "")
    scheme, separator, path = uri.rpartition("file:")
    if separator and not scheme and not path.startswith("/"):
        return f"file:{(folder / path).as_posix()}"
    if ":" in uri or uri in {"", *_WORDS}:
        return uri
    return str(folder / uri)


def is_server(uri: str) -> bool:
    """Whether the URI is the address of an MLflow server."""
    return uri.startswith(("http://", "https://"))


def is_database(uri: str) -> bool:
    """Whether the URI is a database on which a server can be started."""
    return dialect(uri) is not None


def dialect(uri: str) -> str | None:
    """Return the kind of database of a URI, e.g. ``postgresql``, or None for any other store."""
    kind = uri.partition("://")[0].partition("+")[0]
    return kind if kind in _DIALECTS else None


def sqlite_path(uri: str) -> Path | None:
    """Return the database file of a SQLite URI, or None for any other store."""
    match = _SQLITE.fullmatch(uri)
    path = match["path"] if match else None
    return Path(path[1:]) if path else None


def artifact_location(uri: str, experiment: str) -> str | None:
    """Return the artifact folder of a new experiment: next to the database; None elsewhere."""
    database = sqlite_path(uri)
    if database is None or database.parent == Path.cwd():
        return None
    return (database.parent / "mlruns" / _folder_name(experiment)).as_uri()


def _folder_name(name: str) -> str:
    """Return a name that stays within its folder and is not too long."""
    quoted = quote(name, safe=" ")
    if len(quoted) <= _LONGEST and quoted.strip("."):
        return quoted
    return f"{quoted[:_LONGEST].strip('.')}~{hashlib.sha256(name.encode()).hexdigest()[:16]}"


MASKED = "***"
"""The text in place of user names, passwords and tokens."""


def mask(text: str) -> str:
    """Return the text with user names, passwords and tokens in URIs replaced by ``***``."""
    for pattern, shown in (
        (_USER_INFO, r"\g<scheme>***@"),
        (_MALFORMED_USER_INFO, r"\g<scheme>***@"),
        (_SECRET, r"\g<name>***"),
        (_SECRET_IN_PATH, r"\g<name>***"),
    ):
        text = pattern.sub(shown, text)
    return text


def without_credentials(uri: str) -> str:
    """Return the URI without user name, password and tokens, for storing it."""
    bare = _SECRET.sub("", _USER_INFO.sub(r"\g<scheme>", uri))
    bare = _SECRET_IN_PATH.sub(r"\g<name>***", bare)
    return bare if "?" in bare else bare.replace("&", "?", 1)


def _check_address(uri: str) -> None:
    scheme = uri.partition("://")[0]
    if scheme.startswith("http") and not _has_host(uri):
        raise TrackingError(
            f"tracking URI {mask(uri)}: the host is missing, as in http://host:5000"
        )
    if scheme.partition("+")[0] in _SCHEMES:
        return
    from importlib.metadata import entry_points  # noqa: PLC0415 - 0.02 s, seldom needed

    if scheme not in {plugin.name for plugin in entry_points(group="mlflow.tracking_store")}:
        known = "sqlite:///FILE, http://HOST:PORT or postgresql://USER@HOST/DATABASE"
        raise TrackingError(
            f"tracking URI {mask(uri)}: MLflow has no store {scheme}://; use {known}"
        )


def _has_host(uri: str) -> bool:
    """Return whether an address has a host; TrackingError for an invalid host or port.

    The message does not repeat the address, because a password may be in place of the port.
    """
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError as error:
        raise TrackingError(
            "tracking URI: the host or the port is invalid; expected an address such as "
            "http://host:5000"
        ) from error
    return bool(host)


def _absolute_sqlite(match: re.Match[str], base: Path) -> str:
    path = (match["path"] or "")[1:]
    if path in {"", ":memory:"} or path.startswith("file:"):
        raise TrackingError(
            f"tracking URI {match[0]}: the database must be a file, for example "
            f"sqlite:///{DEFAULT_DATABASE}"
        )
    return _sqlite_uri(match["scheme"], base / path) + (match["query"] or "")


def _sqlite_uri(scheme: str, path: Path) -> str:
    return f"{scheme}:///{path.as_posix()}"
