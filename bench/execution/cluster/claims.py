"""Claims: which executions of a task were begun, by whom, and so how often its worker died.

Engines of clusters repeat a task whose worker died, without telling anybody. A host therefore
makes a file before it executes a task, under the first number that is free: that is atomic, on
shared file systems as well. A claim without a report is an execution whose worker died, or which
still goes on.
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
"""So many executions of a task may end with the death of their worker."""
DIED = "worker died twice"
"""Why a task is lost after that."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An execution of an order: its number, counted from 1, and where its claim is."""

    number: int
    path: Path


def claim(exchange: Path, order: TaskOrder, who: str) -> Claim | None:
    """Claim the next execution of an order; None if there were too many already.

    OSError where the folder cannot be written to.
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


def begun(exchange: Path) -> set[str]:
    """Return the names of all orders of which an execution was begun."""
    with suppress(OSError):
        return {
            name.rpartition("-")[0]
            for name in (path.name for path in (exchange / FOLDER).iterdir())
        }
    return set()


def forget(exchange: Path, order: TaskOrder) -> None:
    """Remove the claims of an order: it was stopped on purpose, or is given another chance."""
    for path in _paths(exchange, order):
        path.unlink(missing_ok=True)


def _paths(exchange: Path, order: TaskOrder) -> Iterator[Path]:
    for number in range(1, MOST + 1):
        yield exchange / FOLDER / f"{order.name}-{number}"
