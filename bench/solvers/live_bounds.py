"""The bounds of a running solve, in a file that others may read."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from bench.model.results.solver_output import TracePoint

EVERY_S = 0.1
"""The interval between two points that are not incumbents: writing takes some microseconds."""
WIDTH = 256
"""The fixed size of the file in bytes, so that a shorter point overwrites all of a longer one."""


class LiveBounds:
    """Writes the latest point of a trace to a file.

    It is only for display: if the file cannot be written, nothing else is affected.
    """

    def __init__(self, path: Path) -> None:
        """Name the file; it is created with the first point."""
        self._path = path
        self._fd = -1
        self._due = 0.0

    def show(self, point: TracePoint) -> None:
        """Write a point, unless it follows another one at once and is not an incumbent."""
        now = time.monotonic()
        if now < self._due and not point.incumbent:
            return
        self._due = now + EVERY_S
        with suppress(OSError):
            if self._fd < 0:
                self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
            os.pwrite(self._fd, json.dumps(asdict(point)).encode().ljust(WIDTH), 0)


def read_bounds(path: Path) -> TracePoint | None:
    """Return the point in a file; None if there is none, or it is being written."""
    with suppress(OSError, ValueError, TypeError):
        if path.is_symlink() or not path.is_file():
            return None
        with path.open("rb") as file:
            return TracePoint(**json.loads(file.read(WIDTH)))
    return None
