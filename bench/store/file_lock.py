"""A lock between processes: a file that one of them holds, with its process id."""

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
_LOCAL_LOCKS = frozenset({"local_lock=all", "local_lock=flock", "localflock", "nobrl", "nolock"})
"""Options of NFS, Lustre and SMB mounts whose locks hold on one machine only."""
_POLL_S = 0.05


class LockHeldError(Exception):
    """Another process holds the lock; ``pid`` is its process id, or None if unknown."""

    def __init__(self, pid: int | None) -> None:
        """Store the holder of the lock."""
        super().__init__(f"held by process {pid}")
        self.pid = pid


class FileLock:
    """An exclusive lock that ends with the process that holds it, even if it is killed.

    On a file system without locks it always succeeds: better a sweep without a lock than no sweep.
    """

    def __init__(self, path: Path) -> None:
        """Name the lock file; nothing is created yet."""
        self._path = path
        self._fd: int | None = None

    def exists(self) -> bool:
        """Whether the lock file exists, held or not."""
        return self._path.exists()

    def holder(self) -> int | None:
        """Return the process that holds the lock (0 if unknown), None if there is none.

        A process that takes the lock at this time may have to retry, as `acquire` does with a
        timeout.
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
        """Release the lock; no effect if it is not held."""
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
        """Release the lock."""
        self.release()


def lock_problem(folder: Path) -> str:
    """Return how a folder's file system fails to lock, e.g. "without locks"; empty if it locks.

    A lock is taken twice, because a file system may grant all of them. Raise OSError if nothing can
    be written there.
    """
    if sys.platform == "win32":
        return ""
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".lock-") as file:
        other = os.open(file.name, os.O_RDWR)
        try:
            is_exclusive = try_lock(file.fileno()) and not try_lock(other)
        finally:
            os.close(other)
    if not is_exclusive:
        return "without locks"
    if _LOCAL_LOCKS & set(_mount_options(folder)):
        return "whose locks other machines do not see"
    return ""


def _mount_options(folder: Path) -> list[str]:
    """Return the options with which the file system of a folder is mounted."""
    import psutil  # noqa: PLC0415 - 0.03 s that most commands do without

    mounts = {part.mountpoint: part.opts for part in psutil.disk_partitions(all=True)}
    places = (str(place) for place in (folder.resolve(), *folder.resolve().parents))
    return next((mounts[place] for place in places if place in mounts), "").split(",")


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
        """Take the lock on an open file and return True, or False if another process holds it."""
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
