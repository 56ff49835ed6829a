"""A lock between processes: a file that one of them holds, with its process id inside."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_HELD = frozenset({errno.EACCES, errno.EAGAIN, errno.EDEADLK})
_UNSUPPORTED = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP})
_POLL_S = 0.05


class LockHeldError(Exception):
    """Another process holds the lock; ``pid`` is its process id, or None where unknown."""

    def __init__(self, pid: int | None) -> None:
        """Remember who holds the lock."""
        super().__init__(f"held by process {pid}")
        self.pid = pid


class FileLock:
    """An exclusive lock that ends with the process that holds it, even if it is killed.

    On a file system without locks it always succeeds: better a sweep without the guard than none.
    """

    def __init__(self, path: Path) -> None:
        """Name the lock file; nothing is touched yet."""
        self._path = path
        self._fd: int | None = None

    def exists(self) -> bool:
        """Whether the lock file is there, held or not."""
        return self._path.exists()

    def holder(self) -> int | None:
        """Return the process that holds the lock (0 if unknown), None if nobody does.

        Who takes it at this very moment may have to try again, as `acquire` does with a timeout.
        """
        with suppress(OSError):
            fd = os.open(self._path, os.O_RDONLY)
            try:
                return None if try_lock(fd, shared=True) else _read_pid(fd) or 0
            finally:
                os.close(fd)
        return None

    def acquire(self, timeout_s: float = 0.0) -> None:
        """Take the lock, waiting for up to ``timeout_s``; LockHeldError if it stays taken."""
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(fd, time.monotonic() + timeout_s)
            _write_pid(fd)
        except BaseException:
            os.close(fd)
            raise
        self._fd = fd

    def release(self) -> None:
        """Give the lock back; without effect if it is not held."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Self:
        """Take the lock if it is not held yet."""
        if self._fd is None:
            self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the lock back."""
        self.release()


def has_locks(folder: Path) -> bool:
    """Return whether the file system of a folder keeps locks; where it has none, all succeed.

    OSError where nothing can be written there.
    """
    if sys.platform == "win32":
        return True
    with tempfile.TemporaryFile(dir=folder) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return error.errno not in _UNSUPPORTED
    return True


def _lock(fd: int, deadline: float) -> None:
    while not try_lock(fd):
        if time.monotonic() >= deadline:
            raise LockHeldError(_read_pid(fd))
        time.sleep(_POLL_S)


def _write_pid(fd: int) -> None:
    os.ftruncate(fd, 0)
    os.lseek(fd, 0, os.SEEK_SET)
    os.write(fd, f"{os.getpid()}\n".encode())


def _read_pid(fd: int) -> int | None:
    with suppress(ValueError, OSError):
        os.lseek(fd, 0, os.SEEK_SET)
        return int(os.read(fd, 32))
    return None


if sys.platform == "win32":

    def try_lock(fd: int, *, shared: bool = False) -> bool:
        """Take the lock on an open file and return True, or False where somebody holds it."""
        del shared  # there is no such lock here
        try:
            os.lseek(fd, 1 << 20, os.SEEK_SET)
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno in _HELD:
                return False
            raise
        return True

else:

    def try_lock(fd: int, *, shared: bool = False) -> bool:
        """Take the lock on an open file and return True, or False where somebody holds it.

        A shared one only keeps others from an exclusive one. On a file system without locks it
        always succeeds.
        """
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(fd, kind | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _HELD:
                return False
            if error.errno not in _UNSUPPORTED:
                raise
        return True
