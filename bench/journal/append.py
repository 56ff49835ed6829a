"""Appending lines to a file so that they survive a crash of the machine."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_BLOCK = 1 << 16


def open_for_append(path: Path) -> int:
    """Return a descriptor for appending, after removing a partial last line."""
    created = not path.exists()
    if not created:
        _cut_torn_line(path)
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
    if created:
        sync_folder(path.parent)
    return fd


def _cut_torn_line(path: Path) -> None:
    with path.open("r+b") as file:
        end = file.seek(0, os.SEEK_END)
        start = end
        while start > 0:
            stop, start = start, max(0, start - _BLOCK)
            file.seek(start)
            newline = file.read(stop - start).rfind(b"\n")
            if newline >= 0:
                start += newline + 1
                break
        if start < end:
            file.truncate(start)
            os.fsync(file.fileno())


def append(fd: int, line: bytes) -> None:
    """Append a line; it is on the disk on return, and nothing is added on an exception."""
    before = os.fstat(fd).st_size
    try:
        _write_whole(fd, line)
        os.fsync(fd)
    except OSError:
        with suppress(OSError):
            os.ftruncate(fd, before)
        raise


def _write_whole(fd: int, line: bytes) -> None:
    if os.write(fd, line) < len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def sync_folder(folder: Path) -> None:
    """Write the names of a folder's files to the disk."""
    if os.name == "posix":
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
