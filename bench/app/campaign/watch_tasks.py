"""Telling a listener, once a second, how far the running tasks have come."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.execution.running_tasks import running_task
from bench.model.planned_task import PlannedTask, planned_task
from bench.model.running_task import RunningTask
from bench.model.task import Task
from bench.report.listener import Listener

EVERY_S = 1.0


class TaskWatch:
    """Knows which tasks are being executed, and looks into their folders."""

    def __init__(self) -> None:
        """Begin with no tasks."""
        self._running: dict[str, tuple[PlannedTask, Path]] = {}

    def started(self, task: Task, folder: Path) -> None:
        """Hear that a task is started, with its files in this folder."""
        self._running[task.key] = planned_task(task), folder

    def ended(self, key: str) -> None:
        """Hear that a task is not executed any more."""
        self._running.pop(key, None)

    def now(self) -> tuple[RunningTask, ...]:
        """Return how far each running task has come, in the order of their starts."""
        return tuple(running_task(*each) for each in list(self._running.values()))

    @contextmanager
    def told_to(self, listener: Listener) -> Iterator[None]:
        """Tell the listener while it is open, in a thread."""
        over = threading.Event()

        def tell() -> None:
            while not over.wait(EVERY_S):
                listener.tasks_running(self.now())

        thread = threading.Thread(target=tell, name="bench-watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
