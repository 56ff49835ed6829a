"""The local executor: so many tasks at a time on this machine."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from multiprocessing.connection import wait
from pathlib import Path

from bench.execution.process.cgroup import Delegation
from bench.execution.process.launch import Launched
from bench.execution.process.request import Order, folder_name
from bench.model.result import Outcome
from bench.model.task import Task

ANYWHERE: frozenset[int] = frozenset()


class LocalExecutor:
    """Keeps as many tasks going as there are places; each has a folder of its own."""

    def __init__(
        self,
        folder: Path,
        places: Sequence[frozenset[int]] = (ANYWHERE,),
        on_start: Callable[[Task], None] = lambda _: None,
        delegation: Delegation | None = None,
        *,
        verify: bool = True,
    ) -> None:
        """Write the tasks' files below the folder.

        A place is the set of cores that one task at a time is pinned to (empty: anywhere).
        ``on_start`` hears of each task that starts. With a ``delegation`` each gets a cgroup.
        ``verify`` says whether solutions are checked.
        """
        self._folder = folder
        self._places = list(places)
        self._on_start = on_start
        self._delegation = delegation
        self._verify = verify

    def run(self, tasks: Iterable[Task]) -> Generator[Outcome]:
        """Yield outcomes as they come. Closing the iterator stops what is still going on."""
        waiting = iter(tasks)
        free = list(self._places)
        going: dict[object, Launched] = {}
        try:
            while True:
                while free and (task := next(waiting, None)) is not None:
                    launched = self._start(task, free.pop(0))
                    going[launched.sentinel] = launched
                if not going:
                    return
                for sentinel in wait([one.sentinel for one in going.values()]):
                    ended = going.pop(sentinel)
                    free.append(ended.order.cores)
                    yield ended.outcome()
        finally:
            for launched in going.values():
                launched.stop()
            for launched in going.values():
                launched.outcome()

    def _start(self, task: Task, cores: frozenset[int]) -> Launched:
        self._on_start(task)
        folder = self._folder / folder_name(task)
        order = Order(
            task=task,
            folder=folder,
            cores=cores,
            verify=self._verify,
            delegation=self._delegation,
        )
        return Launched(order)
