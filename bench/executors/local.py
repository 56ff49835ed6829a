"""The local executor: so many tasks at a time on this machine."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from multiprocessing.connection import wait
from pathlib import Path

from bench.isolation.launch import Launched
from bench.isolation.order import Order
from bench.model.result import Outcome
from bench.model.task import Task


class LocalExecutor:
    """Keeps up to ``jobs`` tasks going; each gets a folder of its own below ``folder``."""

    def __init__(
        self, folder: Path, jobs: int = 1, on_start: Callable[[Task], None] = lambda _: None
    ) -> None:
        """Write the tasks' files below the folder; ``on_start`` hears of each task that starts."""
        self._folder = folder
        self._jobs = jobs
        self._on_start = on_start

    def run(self, tasks: Iterable[Task]) -> Generator[Outcome]:
        """Yield outcomes as they come. Closing the iterator stops what is still going on."""
        waiting = iter(tasks)
        going: dict[object, Launched] = {}
        try:
            while True:
                while len(going) < self._jobs and (task := next(waiting, None)) is not None:
                    launched = self._start(task)
                    going[launched.sentinel] = launched
                if not going:
                    return
                for sentinel in wait([one.sentinel for one in going.values()]):
                    yield going.pop(sentinel).outcome()
        finally:
            for launched in going.values():
                launched.stop()
            for launched in going.values():
                launched.outcome()

    def _start(self, task: Task) -> Launched:
        self._on_start(task)
        return Launched(Order(task=task, folder=self._folder / folder_name(task)))


def folder_name(task: Task) -> str:
    """Return a folder name that a person can read and that no two tasks share.

    E.g. ``egout-default-s0-1f2e3d4c5b6a``.
    """
    readable = "".join(c if c.isalnum() or c in "._" else "-" for c in task.instance.name)
    return f"{readable[:40]}-s{task.seed}-p{task.permutation}-{task.key[:12]}"
