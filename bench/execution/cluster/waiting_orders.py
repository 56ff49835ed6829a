"""The orders that a submitter waits for, and which reports of the spool are theirs.

An outcome may arrive twice, or may have been recorded before the submitter was killed: the journal
decides. Of each task the first attempt that is neither recorded nor lost is waited for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from bench.execution.cluster import claims
from bench.execution.cluster.orders import TaskOrder
from bench.execution.cluster.spool import HostReport, SpoolReader, SpoolWriter
from bench.execution.protocol import ExecutorConfig
from bench.model.results.result import Outcome
from bench.model.task import Task
from bench.store.run_keys import attempt_of

SUBMITTER = "submitter"
KEY_DIGITS = 64


class WaitingOrders:
    """Orders by their names, from their submission until they have an outcome or are lost."""

    def __init__(self, config: ExecutorConfig, exchange: Path) -> None:
        """Read what hosts have said already."""
        self._config = config
        self._exchange = exchange
        self._spool = SpoolReader(exchange)
        self._waiting: dict[str, TaskOrder] = {}
        self._started: set[str] = set()
        self._unasked: dict[str, HostReport | None] = {}
        """Reports of orders that nobody has asked for yet; None where one is over."""
        for report in self._spool.new():
            self._unasked.setdefault(report.order, report if self._is_new(report) else None)

    def __len__(self) -> int:
        """Return how many are waited for."""
        return len(self._waiting)

    def __iter__(self) -> Iterator[TaskOrder]:
        """Iterate over those that are waited for, and of which no report is at hand."""
        return iter([one for name, one in self._waiting.items() if name not in self._unasked])

    def __contains__(self, name: str) -> bool:
        """Whether the order of this name is waited for."""
        return name in self._waiting

    def add(self, tasks: Iterable[Task]) -> None:
        """Wait for these as well."""
        for task in tasks:
            order = TaskOrder(task=task)
            while self._is_over(order.name):
                order = replace(order, attempt=order.attempt + 1)
            self._waiting[order.name] = order

    def outcomes(self) -> Iterator[Outcome]:
        """Yield what has come out since the last call; tell of orders that started or were lost."""
        for name in claims.begun(self._exchange) & self._waiting.keys() - self._started:
            self._start(self._waiting[name])
        for name in self._unasked.keys() & self._waiting.keys():
            report = self._unasked[name]
            if report is not None:
                yield from self._take(report)
        for report in self._spool.new():
            yield from self._take(report)

    def forget(self) -> None:
        """Wait for nothing any more, so that nothing comes out, also of reports at hand."""
        self._waiting.clear()

    def take(self, report: HostReport) -> Iterator[Outcome]:
        """Yield the outcome of a report that came another way, if it is waited for."""
        yield from self._take(report)

    def lose(self, order: TaskOrder, reason: str) -> None:
        """Give an order up, for good: its task gets another attempt by the next submission."""
        report = HostReport(order=order.name, host=SUBMITTER, lost=reason)
        spool = SpoolWriter(self._exchange, SUBMITTER)
        try:
            spool.add(report)
        finally:
            spool.close()
        for _ in self._take(report):
            pass

    def _take(self, report: HostReport) -> Iterator[Outcome]:
        order = self._waiting.pop(report.order, None)
        self._unasked[report.order] = None
        if order is None:
            return
        self._start(order)
        if report.executed is not None:
            yield report.executed.outcome(order)
        else:
            self._config.on_lost(order.task, report.lost or "it has left no outcome")

    def _start(self, order: TaskOrder) -> None:
        if order.name not in self._started:
            self._started.add(order.name)
            self._config.on_start(order.task)

    def _is_over(self, name: str) -> bool:
        return name in self._unasked and self._unasked[name] is None

    def _is_new(self, report: HostReport) -> bool:
        """Return whether a report from before is an outcome that the journal has not got."""
        if report.executed is None:
            return False
        start = attempt_of(report.executed.execution)
        return (report.order[:KEY_DIGITS], start) not in self._config.recorded
