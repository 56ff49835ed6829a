"""What workers still execute, or have kept, for a submitter that has left."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from bench.execution.cluster.dask import agents
from bench.execution.cluster.dask.connection import Connection
from bench.execution.cluster.dask.file_sender import FileSender
from bench.execution.cluster.dask.pending_chunks import Chunk
from bench.execution.cluster.spool import HostReport
from bench.execution.cluster.waiting_orders import WaitingOrders


class EarlierSubmitter:
    """The chunks that workers execute for a submitter that has left, and the reports they kept."""

    def __init__(self, tasks_folder: Path, waiting: WaitingOrders, sender: FileSender) -> None:
        """Begin without any; files of reports are written below ``tasks_folder``."""
        self._tasks_folder, self._waiting, self._sender = tasks_folder, waiting, sender
        self._chunks: dict[str, list[Chunk]] = {}
        self._reports: list[HostReport] = []

    def workers(self) -> list[str]:
        """Return the addresses of the workers that are busy for it."""
        return list(self._chunks)

    def ask(
        self, connection: Connection, campaign: str, address: str, sent: Collection[str]
    ) -> tuple[list[Chunk], int]:
        """Ask a worker; return the chunks that ended since the last time, and how many remain.

        ``sent`` are the orders that this submitter has sent itself.
        """
        now = [
            tuple(one for one in chunk if one.name not in sent)
            for chunk in self._executing(connection, campaign, address)
        ]
        now = [chunk for chunk in now if chunk]
        if address in self._sender:
            kept = connection.call(agents.finished, address, campaign)
            self._reports += [one.unpack(self._tasks_folder) for one in kept]
        before = self._chunks.pop(address, [])
        if now:
            self._chunks[address] = now
        still = names_of(now)
        ended = [tuple(one for one in chunk if one.name not in still) for chunk in before]
        return [chunk for chunk in ended if chunk], len(before) - len(now)

    def forget(self, address: str) -> list[Chunk]:
        """Return the chunks of a worker that has ended."""
        return self._chunks.pop(address, [])

    def reports(self) -> Iterator[HostReport]:
        """Yield, once, the reports that workers without a shared folder have kept for it."""
        taken, self._reports = self._reports, []
        yield from taken

    def executing(self, address: str) -> set[str]:
        """Return the names of the orders that a worker executes for it."""
        return names_of(self._chunks.get(address, ()))

    def begun(self, address: str) -> set[str]:
        """Return the names of the orders that it executes, or whose reports have come."""
        return self.executing(address) | {report.order for report in self._reports}

    def _executing(self, connection: Connection, campaign: str, address: str) -> Iterator[Chunk]:
        waiting = {order.name: order for order in self._waiting}
        for names in connection.call(agents.executing, address, campaign):
            yield tuple(waiting[name] for name in names if name in waiting)


def names_of(chunks: Collection[Chunk]) -> set[str]:
    """Return the names of the orders in chunks."""
    return {order.name for chunk in chunks for order in chunk}
