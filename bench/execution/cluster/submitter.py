"""Shared by all executors of clusters: orders from tasks, outcomes from reports."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator

from bench.execution.cluster.orders import HostOrders, TaskOrder, exchange_of
from bench.execution.cluster.waiting_orders import WaitingOrders
from bench.execution.cluster.wall_time import split_warning
from bench.execution.protocol import ExecutorConfig
from bench.execution.task_queue import TaskQueue
from bench.model.results.result import Outcome
from bench.model.task import Task


class Submitter(ABC):
    """Sends the tasks of a campaign to other machines, and collects their outcomes."""

    def __init__(self, config: ExecutorConfig) -> None:
        """Start nothing yet; read the reports that hosts saved for an earlier submitter."""
        self._config = config
        self._options = config.cluster
        self._exchange = exchange_of(config.folder.parent)
        self._queue = TaskQueue()
        self._waiting = WaitingOrders(config, self._exchange)
        self._told = ""

    def submit(self, tasks: Iterable[Task]) -> None:
        """Add tasks; all are read when outcomes are collected."""
        self._queue.add(tasks)

    def collect(self) -> Iterator[Outcome]:
        """Yield outcomes as they arrive.

        Raise UsageError for invalid options, BenchError if the tasks cannot be sent.
        """
        while not self._is_over():
            self._plan(self._new_orders())
            yield from self._waiting.outcomes()
            self._plan(self._new_orders())
            if self._is_over() or not self._waiting or not self._config.should_continue():
                return
            yield from self._advance()

    @abstractmethod
    def _advance(self) -> Iterator[Outcome]:
        """Send waiting orders, and check the state of sent ones; takes a moment."""

    def _plan(self, orders: list[TaskOrder]) -> None:  # noqa: B027 - most need no plan
        """Take new orders into account."""

    def _new_orders(self) -> list[TaskOrder]:
        return self._waiting.add(iter(self._queue.take, None))

    def _is_over(self) -> bool:
        """Return whether this was detached or cancelled, perhaps by the receiver of an outcome."""
        return self._queue.closed

    def _host_orders(self, orders: Iterable[TaskOrder], wall_s: float | None) -> HostOrders:
        """Return the data for hosts; warn if their jobs may be too short for a pair."""
        if warning := split_warning((one.task for one in orders), wall_s):
            self._tell(warning)
        return HostOrders(
            tasks_folder=self._config.folder.absolute(),
            exchange=self._exchange,
            verify=self._config.verify,
            pass_env=self._config.pass_env,
            wall_s=wall_s,
        )

    def _tell(self, line: str) -> None:
        """Tell the user, once."""
        if line != self._told:
            self._told = line
            self._config.tell(line)
