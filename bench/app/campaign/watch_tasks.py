"""Report the progress of the running tasks to a listener, once a second."""

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
    """Keeps track of the running tasks, and reads their folders."""

    def __init__(self) -> None:
        """Begin with no tasks."""
        self._running: dict[str, tuple[PlannedTask, Path]] = {}

    def started(self, task: Task, folder: Path) -> None:
        """Add a task that has started, with its folder."""
        self._running[task.key] = planned_task(task), folder

    def ended(self, key: str) -> None:
        """Remove a task that has ended."""
        self._running.pop(key, None)

    def now(self) -> tuple[RunningTask, ...]:
        """Return the progress of each running task, in the order of their starts."""
        return tuple(running_task(*each) for each in list(self._running.values()))

    @contextmanager
    def told_to(self, listener: Listener) -> Iterator[None]:
        """Report to the listener, in a thread, while the context is open."""
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
