"""The waiting tasks of an executor that starts them itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from bench.model.task import Task


class TaskQueue:
    """Tasks in the order of their submission, each read from its iterable on demand."""

    def __init__(self) -> None:
        """Begin empty and open."""
        self.closed = False
        self._submitted: deque[Iterator[Task]] = deque()

    def add(self, tasks: Iterable[Task]) -> None:
        """Append tasks; raise RuntimeError after `close`."""
        if self.closed:
            raise RuntimeError("this executor was detached or cancelled; make another one")
        self._submitted.append(iter(tasks))

    def take(self) -> Task | None:
        """Remove and return the first task, None if there is none."""
        while self._submitted:
            task = next(self._submitted[0], None)
            if task is not None:
                return task
            self._submitted.popleft()
        return None

    def close(self) -> None:
        """Drop the waiting tasks and accept no more."""
        self.closed = True
        self._submitted.clear()
