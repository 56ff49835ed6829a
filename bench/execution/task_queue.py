"""The tasks that wait in an executor which starts them itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from bench.model.task import Task


class TaskQueue:
    """Tasks in the order of their submission, each taken from its iterable when it is needed."""

    def __init__(self) -> None:
        """Begin empty and open."""
        self.closed = False
        self._submitted: deque[Iterator[Task]] = deque()

    def add(self, tasks: Iterable[Task]) -> None:
        """Put tasks behind those that wait; raise RuntimeError after `close`."""
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
        """Forget what waits and accept no more."""
        self.closed = True
        self._submitted.clear()
