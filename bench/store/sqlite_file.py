"""The file of a SQLite store: whether it is still the one that was opened.

A connection continues with a file that was deleted or replaced, and its writes are lost.
"""

from __future__ import annotations

from bench.errors import TrackingError
from bench.store.uri import mask, sqlite_path


class SqliteFile:
    """The database file of a store; for other stores, all checks pass."""

    def __init__(self, uri: str) -> None:
        """Name the store; nothing is read yet."""
        self._uri = uri
        self._path = sqlite_path(uri)
        self._opened: tuple[int, int] | None = None

    def remember(self) -> None:
        """Store the present file as the one in use, unless there is one."""
        self._opened = self._opened or self._identity()

    def check(self) -> None:
        """Raise TrackingError if the file in use was deleted or replaced."""
        if self._opened is None:
            return
        found = self._identity()
        if found != self._opened:
            what = "was deleted" if found is None else "was replaced by another file"
            raise TrackingError(
                f"MLflow at {mask(self._uri)}: the database {what} while results were recorded in "
                "it; restore it, or record all results in the new one with bench sync"
            )

    def _identity(self) -> tuple[int, int] | None:
        if self._path is None:
            return None
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino
