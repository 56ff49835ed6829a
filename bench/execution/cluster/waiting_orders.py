"""The orders that a submitter waits for, and their reports in the spool.

An outcome may arrive twice, or may have been recorded before the submitter was killed; the journal
decides. For each task, the submitter waits for the first attempt after those in the journal, of any
executor, that is not given up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from bench.execution.cluster import claims
from bench.execution.cluster.begun_pairs import machine_of
from bench.execution.cluster.orders import TaskOrder
from bench.execution.cluster.spool import HostReport, SpoolReader, SpoolWriter
from bench.execution.pairs import pair_of
from bench.execution.protocol import ExecutorConfig
from bench.model.results.result import Outcome
from bench.model.task import Task
from bench.store.run_keys import attempt_of

SUBMITTER = "submitter"
KEY_DIGITS = 64


class WaitingOrders:
    """Orders by their names, from their submission until they have an outcome or are given up."""

    def __init__(self, config: ExecutorConfig, exchange: Path) -> None:
        """Read the existing reports of hosts."""
        self._config = config
        self._exchange = exchange
        self.begun = dict(config.begun)
        """The machines that have begun pairs, as far as results show it."""
        self._spool = SpoolReader(exchange)
        self._waiting: dict[str, TaskOrder] = {}
        self._started: set[str] = set()
        self._unasked: dict[str, HostReport | None] = {}
        """Reports of orders that nobody has asked for yet; None if one is finished."""
        for report in self._spool.new():
            if self._is_recorded(report):
                self._unasked[report.order] = None
            else:
                self._unasked.setdefault(report.order, report if report.executed else None)

    def __len__(self) -> int:
        """Return the number of orders that are waited for."""
        return len(self._waiting)

    def __iter__(self) -> Iterator[TaskOrder]:
        """Iterate over the orders whose outcome is expected and whose report has not come yet."""
        return iter([one for name, one in self._waiting.items() if name not in self._unasked])

    def __contains__(self, name: str) -> bool:
        """Whether the outcome of the order of this name is still expected."""
        return name in self._waiting

    def add(self, tasks: Iterable[Task]) -> list[TaskOrder]:
        """Also wait for these orders; return those without a report so far."""
        new = []
        for task in tasks:
            n_recorded = self._config.n_attempts.get(task.key, 0)
            order = TaskOrder(task=task, attempt=n_recorded + 1)
            while self._is_over(order.name):
                order = replace(order, attempt=order.attempt + 1)
            self._waiting[order.name] = order
            if order.name not in self._unasked:
                new.append(order)
        return new

    def outcomes(self) -> Iterator[Outcome]:
        """Yield the outcomes since the last call; report orders that started or were given up."""
        for name in claims.begun(self._exchange) & self._waiting.keys() - self._started:
            self._start(self._waiting[name])
        for name in self._unasked.keys() & self._waiting.keys():
            report = self._unasked[name]
            if report is not None:
                yield from self._take(report)
        for report in self._spool.new():
            yield from self._take(report)

    def forget(self) -> None:
        """Stop waiting, and drop all reports that are not used yet."""
        self._waiting.clear()

    def take(self, report: HostReport) -> Iterator[Outcome]:
        """Yield the outcome of a report that arrived another way, if it is waited for."""
        yield from self._take(report)

    def lose(self, order: TaskOrder, reason: str) -> None:
        """Give up an order: the next submission makes a new attempt at its task."""
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
            machine = machine_of(report.executed.execution)
            if machine.name:
                self.begun.setdefault(pair_of(order.task), machine)
            yield report.executed.outcome(order)
        else:
            self._config.on_lost(order.task, report.lost or "it has left no outcome")

    def _start(self, order: TaskOrder) -> None:
        if order.name not in self._started:
            self._started.add(order.name)
            self._config.on_start(order.task)

    def _is_over(self, name: str) -> bool:
        return name in self._unasked and self._unasked[name] is None

    def _is_recorded(self, report: HostReport) -> bool:
        """Return whether the journal has the outcome of an earlier report."""
        if report.executed is None:
            return False
        start = attempt_of(report.executed.execution)
        return (report.order[:KEY_DIGITS], start) in self._config.recorded
