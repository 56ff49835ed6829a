"""Whether a store can be reached: a listening server, an existing database."""

from __future__ import annotations

import socket
import sqlite3
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil

from bench.errors import TrackingError
from bench.store.file_lock import FileLock, LockHeldError
from bench.store.uri import mask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CONNECT_TIMEOUT_S = 5.0
_CREATION_TIMEOUT_S = 120.0
_PORTS = {"http": 80, "https": 443}
_LOCAL_FILE_SYSTEMS = frozenset(
    {"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "overlay", "tmpfs", "apfs", "NTFS"}
)


class NobodyListensError(TrackingError):
    """The machine at the address reports that no server listens there."""


def check_server(uri: str) -> None:
    """Raise TrackingError if nothing listens at an ``http(s)`` address; other URIs pass.

    It is a NobodyListensError if the connection was refused. MLflow's own client would detect this
    only after minutes of retries. Behind a proxy, there is no check.
    """
    parts = urlsplit(uri)
    if parts.scheme not in _PORTS or not parts.hostname or _by_proxy(parts.hostname):
        return
    address = (parts.hostname, parts.port or _PORTS[parts.scheme])
    try:
        socket.create_connection(address, timeout=_CONNECT_TIMEOUT_S).close()
    except OSError as error:
        kind = NobodyListensError if isinstance(error, ConnectionRefusedError) else TrackingError
        raise kind(
            f"MLflow at {mask(uri)}: the server does not answer ({error.strerror or error}); "
            "check that it is running and that the address is right"
        ) from error


@contextmanager
def first_use(database: Path) -> Iterator[Path | None]:
    """Yield the path under which to create a SQLite database, or None if it exists.

    Other processes are locked out meanwhile, because two that create the same one at the same time
    fail. It gets its name when it is complete, so that a killed process leaves no partial database.
    A new database on a local disk is put into write-ahead mode: it needs a third of the disk syncs,
    and readers such as the MLflow UI do not lock out the writer. Raise TrackingError if another
    process takes longer than two minutes.
    """
    if _is_there(database):
        yield None
        return
    if not database.parent.is_dir():
        raise TrackingError(f"MLflow at sqlite:///{database}: the folder does not exist")
    guard = database.with_name(f"{database.name}.lock")
    with _held(guard):
        if _is_there(database):
            yield None
            return
        new = database.with_name(f"{database.name}.new")
        for left in (new, new.with_name(f"{new.name}-journal"), *_logs_of_another(database)):
            left.unlink(missing_ok=True)
        yield new
        new.replace(database)
        if _on_local_disk(database):
            with closing(sqlite3.connect(database)) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
        with suppress(OSError):
            guard.unlink(missing_ok=True)


def _logs_of_another(database: Path) -> list[Path]:
    """Return the leftover files of a deleted database, which SQLite would apply to a new one."""
    if database.exists():
        return []
    return [database.with_name(f"{database.name}-{kind}") for kind in ("wal", "shm", "journal")]


def _is_there(database: Path) -> bool:
    return database.exists() and database.stat().st_size > 0


@contextmanager
def _held(guard: Path) -> Iterator[None]:
    lock = FileLock(guard)
    try:
        lock.acquire(_CREATION_TIMEOUT_S)
    except LockHeldError as error:
        raise TrackingError(
            f"{guard}: process {error.pid} does not finish creating the database"
        ) from error
    except OSError as error:
        raise TrackingError(f"cannot write {guard}: {error.strerror}") from error
    try:
        yield
    finally:
        lock.release()


def _by_proxy(host: str) -> bool:
    import urllib.request  # noqa: PLC0415 - loads HTTP and TLS

    return bool(urllib.request.getproxies()) and not urllib.request.proxy_bypass(host)


def _on_local_disk(path: Path) -> bool:
    mounts = {part.mountpoint: part.fstype for part in psutil.disk_partitions(all=True)}
    nearest = next((str(p) for p in path.resolve().parents if str(p) in mounts), None)
    return nearest is not None and mounts[nearest] in _LOCAL_FILE_SYSTEMS
