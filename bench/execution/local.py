"""The local executor: so many tasks at a time on this machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from multiprocessing.connection import wait

from bench.execution.process.launch import LaunchedTask
from bench.execution.process.request import ExecutionRequest
from bench.execution.protocol import ExecutorConfig
from bench.execution.task_queue import TaskQueue
from bench.model.result import Outcome
from bench.model.task import Task


class LocalExecutor:
    """Keeps one task going in each CPU slot. Tasks start while outcomes are collected."""

    def __init__(self, config: ExecutorConfig) -> None:
        """Start nothing yet."""
        self._config = config
        self._free = list(config.cpu_slots)
        self._queue = TaskQueue()
        self._running: dict[object, LaunchedTask] = {}

    def submit(self, tasks: Iterable[Task]) -> None:
        """Add tasks; each is taken from the iterable when a slot is free."""
        self._queue.add(tasks)

    def collect(self) -> Iterator[Outcome]:
        """Yield outcomes as tasks end."""
        while True:
            while self._free and (task := self._queue.take()) is not None:
                launched = self._start(task, self._free.pop(0))
                self._running[launched.sentinel] = launched
            if not self._running:
                return
            ready = wait([launched.sentinel for launched in self._running.values()])
            ended = self._running.pop(ready[0])
            self._free.append(ended.order.cores)
            yield ended.outcome()

    def detach(self) -> None:
        """Cancel: the tasks end with this process."""
        self.cancel()

    def cancel(self) -> None:
        """End all tasks and wait until their processes have ended."""
        self._queue.close()
        for launched in self._running.values():
            launched.stop()
        while self._running:
            _, launched = self._running.popitem()
            launched.outcome()

    def _start(self, task: Task, cores: frozenset[int]) -> LaunchedTask:
        config = self._config
        config.on_start(task)
        request = ExecutionRequest(
            task=task,
            folder=config.folder_of(task),
            cores=cores,
            verify=config.verify,
            delegation=config.delegation,
            pass_env=config.pass_env,
        )
        return LaunchedTask(request)
