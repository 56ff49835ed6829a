"""Read files of a task's folder, in which a solver may leave links, pipes or folders."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def read_start(path: Path, most: int) -> bytes:
    """Return the first ``most`` bytes of a file; OSError if it is not a regular file."""
    with os.fdopen(_open(path), "rb") as file:
        return file.read(most)


def read_end(path: Path, most: int) -> bytes:
    """Return the last ``most`` bytes of a file; OSError if it is not a regular file."""
    with os.fdopen(_open(path), "rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - most))
        return file.read(most)


def _open(path: Path) -> int:
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError(f"{path.name} is not a regular file")
    return fd
