"""Claims: the executions of a task that were begun, which show how often its worker died.

Cluster engines repeat a task whose worker died, without reporting it. A host therefore creates a
file before it executes a task, with the first free number; this is atomic, on shared file systems
too. A claim without a report is an execution whose worker died, or which is still running.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.execution.cluster.orders import TaskOrder

FOLDER = "claims"
MOST = 2
"""The largest number of executions of a task that may end with the death of their worker."""
DIED = "worker died twice"
"""The reason why a task is given up after that."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An execution of an order: its number, counted from 1, and the file of its claim."""

    number: int
    path: Path


def claim(exchange: Path, order: TaskOrder, who: str) -> Claim | None:
    """Claim the next execution of an order; None if there were too many already.

    Raise OSError if the folder cannot be written.
    """
    folder = exchange / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"who": who, "pid": os.getpid(), "at": time.time()}).encode()
    for number in range(1, MOST + 1):
        path = folder / f"{order.name}-{number}"
        with suppress(FileExistsError):
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            try:
                os.write(fd, text)
            finally:
                os.close(fd)
            return Claim(number, path)
    return None


def count(exchange: Path, order: TaskOrder) -> int:
    """Return how many executions of an order were begun."""
    return sum(path.exists() for path in _paths(exchange, order))


def last(exchange: Path, order: TaskOrder) -> tuple[Claim, str] | None:
    """Return the last claim of an order and who made it, None if there is none."""
    for number, path in reversed(list(enumerate(_paths(exchange, order), start=1))):
        with suppress(OSError, ValueError):
            return Claim(number, path), str(json.loads(path.read_text())["who"])
    return None


def begun(exchange: Path) -> set[str]:
    """Return the names of all orders with an execution that was begun."""
    with suppress(OSError):
        return {
            name.rpartition("-")[0]
            for name in (path.name for path in (exchange / FOLDER).iterdir())
        }
    return set()


def forget(exchange: Path, order: TaskOrder) -> None:
    """Remove the claims of an order, because it was stopped on purpose or is retried."""
    for path in _paths(exchange, order):
        path.unlink(missing_ok=True)


def unclaim(mine: Claim) -> None:
    """Remove a claim: its execution has come to nothing, and nobody died."""
    with suppress(OSError):
        mine.path.unlink()


def _paths(exchange: Path, order: TaskOrder) -> Iterator[Path]:
    for number in range(1, MOST + 1):
        yield exchange / FOLDER / f"{order.name}-{number}"
