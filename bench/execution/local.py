"""The local executor: a fixed number of tasks at a time on this machine."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait

from bench.errors import MachineError
from bench.execution.process import machine
from bench.execution.process.launch import LaunchedTask
from bench.execution.protocol import ExecutorConfig
from bench.execution.request import ExecutionRequest
from bench.execution.task_queue import TaskQueue
from bench.model.results.result import Outcome
from bench.model.task import Task


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A task to execute, with its number of attempts and earliest start (monotonic seconds)."""

    task: Task
    n_before: int = 0
    due: float = 0.0


class LocalExecutor:
    """Keeps one task running in each CPU slot. Tasks start while outcomes are collected.

    If the machine prevented the execution of a task, it is repeated after a pause, in which no
    other task is started.
    """

    def __init__(self, config: ExecutorConfig) -> None:
        """Start nothing yet."""
        self._config = config
        self._free = list(config.cpu_slots)
        self._queue = TaskQueue()
        self._repeated: deque[_Attempt] = deque()
        self._running: dict[Connection | int, tuple[_Attempt, LaunchedTask]] = {}

    def submit(self, tasks: Iterable[Task]) -> None:
        """Add tasks; each is read from the iterable when a slot is free."""
        self._queue.add(tasks)

    def collect(self) -> Iterator[Outcome]:
        """Yield outcomes as tasks end."""
        while True:
            while self._free and (attempt := self._next()) is not None:
                self._start(attempt, self._free.pop(0))
            if not self._running and not self._repeated:
                return
            for sentinel in wait(self._running, self._pause_s())[:1]:
                attempt, launched = self._running.pop(sentinel)  # type: ignore[arg-type]
                try:
                    if launched.goes_on():
                        self._running[launched.sentinel] = attempt, launched
                        continue
                    is_last = attempt.n_before >= len(machine.PAUSES_S)
                    outcome = launched.outcome(is_last=is_last)
                except MachineError as error:
                    self._free.append(launched.order.cores)
                    self._failed(attempt, error)
                else:
                    self._free.append(launched.order.cores)
                    yield outcome

    def detach(self) -> None:
        """Cancel: the tasks end with this process."""
        self.cancel()

    def cancel(self) -> None:
        """End all tasks and wait until their processes have ended."""
        self._queue.close()
        self._repeated.clear()
        for _, launched in self._running.values():
            launched.stop()
        while self._running:
            _, (_, launched) = self._running.popitem()
            with suppress(MachineError):
                launched.wait()

    def _next(self) -> _Attempt | None:
        """Return the next task to start; repetitions come first."""
        if self._repeated:
            return self._repeated.popleft() if self._pause_s() == 0 else None
        task = self._queue.take()
        return None if task is None else _Attempt(task)

    def _pause_s(self) -> float | None:
        """Return the seconds until a task is repeated; None if there is none, or no free slot."""
        if not self._repeated or not self._free:
            return None
        return max(0.0, self._repeated[0].due - time.monotonic())

    def _start(self, attempt: _Attempt, cores: frozenset[int]) -> None:
        config = self._config
        if not attempt.n_before:
            config.on_start(attempt.task)
        request = ExecutionRequest(
            task=attempt.task,
            folder=config.folder_of(attempt.task),
            cores=cores,
            verify=config.verify,
            delegation=config.delegation,
            pass_env=config.pass_env,
        )
        try:
            launched = LaunchedTask(request)
        except MachineError as error:
            self._free.insert(0, cores)
            self._failed(attempt, error)
        else:
            self._running[launched.sentinel] = attempt, launched

    def _failed(self, attempt: _Attempt, error: MachineError) -> None:
        """Repeat a task later, or give it up, with the waiting ones if the cause affects them."""
        n = attempt.n_before
        if error.may_be_repeated and n < len(machine.PAUSES_S):
            due = time.monotonic() + machine.PAUSES_S[n]
            self._repeated.append(_Attempt(attempt.task, n + 1, due))
            return
        reason = str(error)
        self._config.on_lost(attempt.task, reason)
        if error.stops_all or machine.storage_fault(self._config.folder):
            while (task := self._queue.take()) is not None:
                self._config.on_lost(task, reason)
