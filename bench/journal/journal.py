"""The journal: the append-only local file of results, on the disk before anything else happens."""

from __future__ import annotations

import math
import os
import threading
from typing import TYPE_CHECKING, Self

from bench.errors import TrackingError
from bench.journal.append import append, open_for_append
from bench.journal.line import from_json, split_line, to_line
from bench.store.file_lock import FileLock, LockHeldError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from bench.model.result import Result

JOURNAL = "journal.jsonl"
LOCK = "journal.lock"


class Journal:
    """The results of one work folder.

    Reading needs no lock and may go on while another process writes. Writing takes the lock of
    the folder with `open` (or the first `add`) and keeps it until `close`.
    """

    def __init__(self, folder: Path) -> None:
        """Name the work folder; nothing is touched yet."""
        self._folder = folder.absolute()
        self._lock = FileLock(self._folder / LOCK)
        self._mutex = threading.Lock()
        self._fd: int | None = None

    @property
    def path(self) -> Path:
        """The journal file; it may not exist yet."""
        return self._folder / JOURNAL

    def open(self) -> None:
        """Make the folder and the file, take the lock, and cut off a line torn by a crash.

        Raise TrackingError if another process writes here or the folder cannot be written to.
        Without effect if it is open.
        """
        self._descriptor()

    def close(self) -> None:
        """Give up the file and the lock; without effect if nothing was opened."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
        self._lock.release()

    def __enter__(self) -> Self:
        """Open for writing."""
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def add(self, result: Result) -> None:
        """Append a result; when this returns, it survives a crash of the machine.

        Raise TrackingError if it cannot be written; what was added before stays readable.
        """
        line = to_line(result, self._folder)
        with self._mutex:
            fd = self._descriptor()
            try:
                append(fd, line)
            except OSError as error:
                raise TrackingError(
                    f"cannot write {self.path}: {_reason(error)}; "
                    "the results finished before are safe in it"
                ) from error

    def results(self) -> Iterator[Result]:
        """Yield all results in the order they were added, repeats of a key included.

        Raise TrackingError with the line number where a line cannot be read.
        """
        for number, _, body in self._lines():
            try:
                yield from_json(body, self._folder)
            except ValueError as error:
                raise self._damaged(number, error) from error

    def since(self, offset: int, end: int) -> Iterator[tuple[int, Result]]:
        """Yield the results in the bytes from offset to end, each with the offset behind it.

        Both have to be 0 or a former `size`. TrackingError where a line cannot be read.
        """
        for behind, _, body in self.lines(offset, end):
            try:
                result = from_json(body, self._folder)
            except ValueError as error:
                raise self._damaged(self._line_number(offset), error) from error
            offset = behind
            yield offset, result

    def lines(self, offset: int, end: int) -> Iterator[tuple[int, str, bytes]]:
        """Yield of each line in these bytes the offset behind it, its key, and its JSON text."""
        for line in _complete_lines(self.path, offset, end):
            try:
                key, body = split_line(line)
            except ValueError as error:
                raise self._damaged(self._line_number(offset), error) from error
            offset += len(line)
            yield offset, key, body

    def size(self) -> int:
        """Return how many bytes there are; between two calls of `add` all of them are results."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise TrackingError(f"cannot read {self.path}: {_reason(error)}") from error

    def count(self) -> int:
        """Return the number of results, repeats of a key included."""
        return sum(1 for _ in _complete_lines(self.path))

    def finished(self) -> set[str]:
        """Return the keys of all results, without reading the results themselves."""
        return {key for _, key, _ in self._lines()}

    def writer(self) -> int | None:
        """Return the id of the process that is writing here (0 if unknown), None if nobody is."""
        if self._fd is not None:
            return os.getpid()
        if not self._lock.exists():
            return None
        try:
            self._lock.acquire()
        except LockHeldError as error:
            return error.pid or 0
        except OSError:
            return None
        self._lock.release()
        return None

    def _descriptor(self) -> int:
        if self._fd is None:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._lock.acquire()
                self._fd = open_for_append(self.path)
            except LockHeldError as error:
                holder = "another process" if error.pid is None else f"process {error.pid}"
                raise TrackingError(
                    f"{self._folder}: {holder} is writing results here; "
                    "wait for it, or choose another work folder"
                ) from error
            except OSError as error:
                self._lock.release()
                raise TrackingError(f"cannot write {self.path}: {_reason(error)}") from error
        return self._fd

    def _lines(self) -> Iterator[tuple[int, str, bytes]]:
        for number, line in enumerate(_complete_lines(self.path), start=1):
            try:
                key, body = split_line(line)
            except ValueError as error:
                raise self._damaged(number, error) from error
            yield number, key, body

    def _line_number(self, offset: int) -> int:
        return 1 + sum(1 for _ in _complete_lines(self.path, 0, offset))

    def _damaged(self, number: int, reason: ValueError) -> TrackingError:
        return TrackingError(
            f"{self.path}, line {number} is damaged ({reason}); "
            "delete the line to go on, its task is then executed again"
        )


def _complete_lines(path: Path, start: int = 0, end: float = math.inf) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            file.seek(start)
            for line in file:
                start += len(line)
                if start > end or not line.endswith(b"\n"):
                    return
                yield line
    except FileNotFoundError:
        return
    except OSError as error:
        raise TrackingError(f"cannot read {path}: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
