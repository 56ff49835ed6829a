"""The journal: the append-only local file of results, written before anything else happens."""

from __future__ import annotations

import math
import os
import shlex
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from bench.errors import TrackingError
from bench.journal.append import append, open_for_append
from bench.journal.line import read_line, split_line, to_line
from bench.store.file_lock import FileLock, LockHeldError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from bench.model.results.result import Result

JOURNAL = "journal.jsonl"
LOCK = "journal.lock"
_LOOK_S = 0.2
"""Far longer than a query of the lock blocks it."""


class DamagedJournalError(TrackingError):
    """A line of a journal that cannot be read; the message says how to set it aside."""


class Journal:
    """The results of one work folder.

    Reading needs no lock and is possible while another process writes. Writing takes the lock of
    the folder with `open` (or the first `add`) and keeps it until `close`.
    """

    def __init__(self, folder: Path) -> None:
        """Name the work folder; nothing is created yet."""
        self._folder = folder.absolute()
        self._lock = FileLock(self._folder / LOCK)
        self._mutex = threading.Lock()
        self._fd: int | None = None

    @property
    def path(self) -> Path:
        """The journal file; it may not exist yet."""
        return self._folder / JOURNAL

    def open(self) -> None:
        """Create the folder and the file, take the lock, and remove a line truncated by a crash.

        Raise TrackingError if another process writes here or the folder cannot be written. This has
        no effect if it is open.
        """
        self._descriptor()

    def close(self) -> None:
        """Release the file and the lock; no effect if nothing was opened."""
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
        """Append a result; on return, it survives a crash of the machine.

        Raise TrackingError if it cannot be written; earlier results stay readable.
        """
        line = to_line(result, self._folder)
        with self._mutex:
            fd = self._descriptor()
            try:
                append(fd, line)
            except OSError as error:
                raise TrackingError(
                    f"cannot write {self.path}: {_reason(error)}; results written earlier are "
                    "safe in it"
                ) from error

    def results(self) -> Iterator[Result]:
        """Yield all results in the order they were added, including repeated keys.

        Raise TrackingError with the line number if a line cannot be read.
        """
        for number, line in enumerate(complete_lines(self.path), start=1):
            try:
                result = read_line(line, self._folder)
            except ValueError as error:
                raise self._damaged(number, error) from error
            yield result

    def since(self, offset: int, end: int) -> Iterator[tuple[int, Result]]:
        """Yield the results in the bytes from offset to end, each with the offset after it.

        Both must be 0 or a former `size`. Raise TrackingError if a line cannot be read.
        """
        for line in complete_lines(self.path, offset, end):
            try:
                result = read_line(line, self._folder)
            except ValueError as error:
                raise self._damaged(self._line_number(offset), error) from error
            offset += len(line)
            yield offset, result

    def lines(self, offset: int, end: int) -> Iterator[tuple[int, int, str, bytes]]:
        """Yield beginning, end, key and JSON text of each line in these bytes.

        Lines that are not results, or were changed after writing, are left out.
        """
        for line in complete_lines(self.path, offset, end):
            begins, offset = offset, offset + len(line)
            with suppress(ValueError):
                yield begins, offset, *split_line(line)

    def size(self) -> int:
        """Return the number of bytes; between two calls of `add`, all of them are results."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise TrackingError(f"cannot read {self.path}: {_reason(error)}") from error

    def count(self) -> int:
        """Return the number of results, including repeated keys."""
        return sum(1 for _ in complete_lines(self.path))

    def n_tasks(self, offset: int = 0) -> int:
        """Return the number of tasks with a result after an offset, which is 0 or a former `size`.

        Each damaged line counts as one, because nobody knows its task.
        """
        keys, n_damaged = set(), 0
        for line in complete_lines(self.path, offset):
            try:
                keys.add(split_line(line)[0])
            except ValueError:
                n_damaged += 1
        return len(keys) + n_damaged

    def finished(self) -> set[str]:
        """Return the keys of all results, without reading the results themselves.

        Raise TrackingError with the number of a line that has none.
        """
        keys = set()
        for number, line in enumerate(complete_lines(self.path), start=1):
            try:
                keys.add(split_line(line)[0])
            except ValueError as error:
                raise self._damaged(number, error) from error
        return keys

    def writer(self) -> int | None:
        """Return the id of the process that is writing here (0 if unknown), None without one."""
        if self._fd is not None:
            return os.getpid()
        return self._lock.holder()

    def _descriptor(self) -> int:
        if self._fd is None:
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._lock.acquire(_LOOK_S)
                self._fd = open_for_append(self.path)
            except LockHeldError as error:
                holder = "another process" if error.pid is None else f"process {error.pid}"
                raise TrackingError(
                    f"{self._folder}: {holder} is writing results to this folder; wait until it "
                    "ends, or choose another work folder"
                ) from error
            except OSError as error:
                self._lock.release()
                raise TrackingError(f"cannot write {self.path}: {_reason(error)}") from error
        return self._fd

    def _line_number(self, offset: int) -> int:
        return 1 + sum(1 for _ in complete_lines(self.path, 0, offset))

    def _damaged(self, number: int, reason: ValueError) -> DamagedJournalError:
        return DamagedJournalError(
            f"{self.path}, line {number} is damaged ({reason}); set it aside with: "
            f"bench check --repair {shlex.quote(str(self._folder))}"
        )


def complete_lines(path: Path, start: int = 0, end: float = math.inf) -> Iterator[bytes]:
    """Yield the lines of a journal from one byte to another; a partial last one is skipped.

    Raise TrackingError if the file cannot be read.
    """
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
