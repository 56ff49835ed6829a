"""Send workers the files of their tasks if they share no folder with the submitter."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench.execution.cluster import claims
from bench.execution.cluster.dask.connection import Connection
from bench.execution.cluster.dask.sent_files import SentFile, UnreadableFileError, files_of, receive
from bench.execution.cluster.orders import TaskOrder
from bench.execution.request import folder_name
from bench.model.workspace import Workspace


@dataclass(slots=True)
class _Worker:
    """The places of a worker's files, and the orders whose reports it has returned."""

    places: set[str] = field(default_factory=set)
    received: list[str] = field(default_factory=list)


class WorkerFaultError(Exception):
    """A worker's machine lacks something for a task; another one may execute it."""


class FileSender:
    """Keeps track of the workers that share no folder, and of the files of each."""

    def __init__(self, exchange: Path, tasks_folder: Path) -> None:
        """Begin without workers.

        Sent orders are claimed in ``exchange``, the submitter's own folder, and are marked as sent
        below ``tasks_folder``.
        """
        self._exchange, self._tasks_folder = exchange, tasks_folder
        self._workers: dict[str, _Worker] = {}

    def __contains__(self, address: str) -> bool:
        """Whether files are sent to this worker."""
        return address in self._workers

    def __len__(self) -> int:
        """Return to how many workers files are sent."""
        return len(self._workers)

    def add(self, address: str) -> None:
        """Send files to this worker from now on."""
        self._workers[address] = _Worker()

    def discard(self, address: str) -> None:
        """Forget a worker that has ended."""
        self._workers.pop(address, None)

    def prepare(
        self, connection: Connection, campaign: str, address: str, order: TaskOrder
    ) -> str | None:
        """Send a worker the missing files of an order and claim the order.

        Return why no worker can execute it, None if this one can. Raise WorkerFaultError if this
        one cannot keep a file; anything else that is raised means that it cannot be reached.
        """
        try:
            for file in files_of(order.task):
                self._send(connection, campaign, address, file)
        except UnreadableFileError as error:
            return str(error)
        if claims.claim(self._exchange, order, _claimant(address)) is None:
            return claims.DIED
        self._mark(order, address)
        return None

    def withdraw(self, order: TaskOrder) -> None:
        """Forget that an order was sent, because its worker does not execute it."""
        claims.forget(self._exchange, order)
        self.unmark(order)

    def withdraw_unbegun(
        self, address: str, orders: Iterable[TaskOrder], begun: Collection[str]
    ) -> None:
        """Forget that these orders were sent to a worker, except those that it has begun.

        An earlier submitter may have died between its claim of an order and the start of the order.
        """
        claimed = claims.begun(self._exchange)
        for order in orders:
            if order.name in claimed and order.name not in begun:
                found = claims.last(self._exchange, order)
                if found is not None and found[1] == _claimant(address):
                    claims.unclaim(found[0])
                    self.unmark(order)

    def unmark(self, order: TaskOrder) -> None:
        """No longer show that a worker has an order."""
        with suppress(OSError):
            self._workspace(order).sent.unlink()

    def note_received(self, address: str, order: TaskOrder) -> None:
        """Note that the report on an order has come; its worker need not keep it."""
        if address in self._workers:
            self._workers[address].received.append(order.name)

    def take_received(self, address: str) -> list[str]:
        """Return these orders, once."""
        worker = self._workers[address]
        received, worker.received = worker.received, []
        return received

    def _mark(self, order: TaskOrder, address: str) -> None:
        """Show in the task's folder which worker has the order."""
        place = self._workspace(order).sent
        with suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(address)

    def _workspace(self, order: TaskOrder) -> Workspace:
        return Workspace(self._tasks_folder / folder_name(order.task, order.attempt, 1))

    def _send(self, connection: Connection, campaign: str, address: str, file: SentFile) -> None:
        places, offset = self._workers[address].places, 0
        if file.place in places:
            return
        for part, is_last in file.parts():
            given = (campaign, file.place, part, offset, is_last)
            if why_not := connection.call(receive, address, *given):
                raise WorkerFaultError(f"no room for {file.path.name}: {why_not}")
            offset += len(part)
        places.add(file.place)


def _claimant(address: str) -> str:
    return f"worker {address}"
