"""The dask executor: sends chunks of tasks to a scheduler's workers, one to each worker thread.

dask is used to reach workers, not to schedule: a chunk goes to a worker only when it is idle, so a
worker that dies loses only the tasks that it was executing.
"""

from __future__ import annotations

import json
import math
import platform
import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from bench.errors import UsageError
from bench.execution.cluster import claims, wall_time
from bench.execution.cluster.begun_pairs import split_pairs_warning
from bench.execution.cluster.chunks import chunks
from bench.execution.cluster.dask import agents, job_queues
from bench.execution.cluster.dask.agent import AgentSetup
from bench.execution.cluster.dask.connection import END_S, Connection, connect
from bench.execution.cluster.dask.earlier_submitter import EarlierSubmitter
from bench.execution.cluster.dask.file_sender import FileSender, WorkerFaultError
from bench.execution.cluster.dask.pending_chunks import Chunk, PendingChunks
from bench.execution.cluster.dask.repetitions import Repetitions
from bench.execution.cluster.dask.sent_files import ReturnedReport
from bench.execution.cluster.dask.worker_pool import CampaignTerms, WorkerPool, in_one_line
from bench.execution.cluster.orders import TaskOrder, write_text
from bench.execution.cluster.spool import HostReport, from_line
from bench.execution.cluster.submitter import Submitter
from bench.execution.cluster_options import check_scheduler
from bench.execution.pairs import Machine
from bench.execution.protocol import ExecutorConfig
from bench.journal import provenance
from bench.model.plain_data import to_plain
from bench.model.results.result import Outcome

POLL_S = 0.2
LOOK_S = 2.0
"""The interval between queries for the present workers."""
PATIENCE_S = 30.0
"""The time after which a missing worker is reported."""
CHUNK_S = 30.0
"""The expected duration of a chunk: far longer than its transfer to a worker."""
CHUNKS_A_WORKER = 4
"""The number of chunks per worker if there are enough pairs, so that the last ones end together."""


@dataclass(slots=True)
class _Flight:
    """A chunk that a worker executes: all of it, or only the order at a place of it."""

    future: Any
    worker: str
    chunk: Chunk
    at: int | None = None

    @property
    def orders(self) -> Chunk:
        """The orders of the chunk that are still to be executed."""
        return self.chunk[self.at or 0 :]


class DaskExecutor(Submitter):
    """Sends tasks to dask workers, and collects their reports."""

    def __init__(self, config: ExecutorConfig) -> None:
        """Start nothing yet; UsageError without a usable scheduler or queue."""
        super().__init__(config)
        if (self._options.scheduler is None) == (self._options.queue is None):
            raise UsageError(
                "--executor dask needs --scheduler ADDRESS, or --queue NAME, such as --queue slurm"
            )
        if self._options.queue is not None:
            job_queues.check(self._options.queue)
        if self._options.scheduler is not None:
            check_scheduler(self._options.scheduler)
            if self._options.queue_options:
                raise UsageError(
                    "--queue-options are for --queue; give the workers of --scheduler their "
                    "options when you start them"
                )
        self._token = secrets.token_hex(8)
        self._connection: Connection | None = None
        self._setup = self._campaign = ""
        self._wall_s: float | None = None
        self._versions: list[tuple[str, str]] = []
        self._pending = PendingChunks(self._waiting.begun)
        tasks_folder = config.folder.absolute()
        self._sender = FileSender(self._exchange, tasks_folder)
        self._pool = WorkerPool(self._exchange, self._sender, self._options.files, config.tell)
        self._repetitions = Repetitions(self._exchange, self._waiting)
        self._earlier = EarlierSubmitter(tasks_folder, self._waiting, self._sender)
        self._flights: dict[str, _Flight] = {}
        self._ended: SimpleQueue[str] = SimpleQueue()
        self._warned_of_split = False
        self._next_look = 0.0
        self._alone_since = time.monotonic()

    def _advance(self) -> Iterator[Outcome]:
        if self._connection is None:
            self._connection = self._connect()
        self._look(self._connection)
        self._send(self._connection)
        yield from self._arrived(self._connection)
        for orders in self._repetitions.settled():
            self._pending.put_first(orders)

    def detach(self) -> None:
        """Leave: tasks on workers of an external scheduler continue, all others end."""
        if self._is_over():
            return
        connection = self._connection
        is_there = connection is not None and connection.is_running
        orders = (order for flight in self._flights.values() for order in flight.orders)
        n = sum(order.name in self._waiting for order in orders) if is_there else 0
        if self._options.ends_with_submitter or not n or connection is None:
            self.cancel()
            if n:
                self._config.tell("The tasks on the cluster were cancelled.")
            return
        self._queue.close()
        self._waiting.forget()
        connection.abandon(flight.future for flight in self._flights.values())
        connection.close()
        self._config.tell(
            f"Detached: workers of {self._options.scheduler} finish their current tasks and start "
            "no others. Collect the results, and execute the rest, with bench resume."
        )

    def cancel(self) -> None:
        """End the tasks on workers, and return once they have ended."""
        if self._is_over():
            return
        self._queue.close()
        connection = self._connection
        if connection is not None and connection.is_running:
            leaves = connection.has_queue
            if not connection.call_all(agents.end_all, list(self._pool), self._campaign, leaves):
                self._config.tell(
                    "Warning: a worker does not answer; a task on it may go on, and is in no result"
                )
            connection.cancel([flight.future for flight in self._flights.values()])
            for flight in self._flights.values():
                for order in flight.orders:
                    if order.name in self._waiting:
                        self._sender.withdraw(order)
        self._waiting.forget()
        if connection is not None:
            connection.close()

    def _plan(self, orders: list[TaskOrder]) -> None:
        """Make chunks of new orders."""
        if orders:
            n_least = CHUNKS_A_WORKER * (self._options.workers or 8)
            self._pending.append(chunks(orders, self._config.expected_s, n_least, CHUNK_S))
            versions = {(one.task.setting.solver, one.task.solver_version) for one in orders}
            self._versions = sorted(versions | set(self._versions))

    def _connect(self) -> Connection:
        self._exchange.mkdir(parents=True, exist_ok=True)
        write_text(self._exchange / agents.TOKEN, self._token)
        orders = [order for chunk in self._pending for order in chunk]
        tasks = [order.task for order in orders]
        logs = self._exchange / "logs"
        connection, wall_s = connect(self._options, tasks, self._n_wanted(), logs)
        if connection.has_queue:  # workers of an earlier command have ended with it
            for order in orders:
                claims.forget(self._exchange, order)
        setup = AgentSetup(
            orders=self._host_orders(orders, wall_s),
            solvers=tuple(sorted({task.setting.solver for task in tasks})),
            submitter=f"{platform.node()}:",
            bench_digest=provenance.source_digest(),
        )
        self._campaign, self._wall_s = setup.campaign, wall_s
        self._setup = json.dumps(to_plain(setup))
        self._alone_since = time.monotonic()
        return connection

    def _n_wanted(self) -> int:
        """Return how many workers are useful, at most the number of chunks."""
        return max(1, min(self._options.workers or 1, len(self._pending) + len(self._flights)))

    def _look(self, connection: Connection) -> None:
        """Find new and lost workers; request more of them if jobs have ended."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + LOOK_S
        found = connection.workers()
        terms = CampaignTerms(self._setup, self._versions, self._token)
        for address in {*self._pool, *(flight.worker for flight in self._flights.values())}:
            if address not in found:
                self._lost_worker(address)
        for address in self._pool.newcomers(found):
            connection.worker_joined()
            if self._pool.accept(connection, address, found[address], terms):
                try:
                    self._take_over(connection, address)
                except Exception:  # noqa: BLE001 - it went away, and is asked anew if it returns
                    self._pool.discard(address)
        for address in self._earlier.workers():
            try:
                self._ask_for_earlier(connection, address)
            except Exception:  # noqa: BLE001, S112 - it went away, as the next look shows
                continue
        self._ask_for_workers(connection)

    def _ask_for_workers(self, connection: Connection) -> None:
        """Request jobs in place of ended ones; tell the user why there is no worker."""
        rejected = connection.keep_jobs(len(self._pool), self._n_wanted())
        if rejected:
            self._tell(rejected)
        if len(self._pool):
            self._alone_since = time.monotonic()
        elif time.monotonic() - self._alone_since > PATIENCE_S and not rejected:
            self._tell(connection.why_no_worker(were_refused=self._pool.were_refused))

    def _take_over(self, connection: Connection, address: str) -> None:
        """Let a new worker finish what it executes for a submitter that has left."""
        self._ask_for_earlier(connection, address)
        self._pending.remove(self._earlier.executing(address))
        if address in self._sender:
            self._sender.withdraw_unbegun(address, self._waiting, self._earlier.begun(address))

    def _ask_for_earlier(self, connection: Connection, address: str) -> None:
        """Let a worker finish what it executes for a submitter that has left."""
        sent = {order.name for one in self._flights.values() for order in one.orders}
        ended, n_more_free = self._earlier.ask(connection, self._campaign, address, sent)
        for chunk in ended:
            self._repetitions.worker_died(chunk, "it has left no report")
        self._pool.release(address, n_more_free)

    def _lost_worker(self, address: str) -> None:
        self._pool.discard(address)
        lost = self._earlier.forget(address)
        for key, flight in list(self._flights.items()):
            if flight.worker == address:
                flight.future.cancel()
                lost.append(self._flights.pop(key).orders)
        for orders in lost:
            for order in orders:
                self._sender.unmark(order)
            self._repetitions.worker_died(orders, "its worker has ended")

    def _send(self, connection: Connection) -> None:
        """Send chunks to idle workers."""
        for address in self._pool:
            connection.check()
            while self._pool.has_free(address) and not self._is_enough():
                machines = self._pool.machines
                chunk = self._pending.take(address, machines[address], machines)
                if not chunk:
                    break
                orders = tuple(one for one in chunk if one.name in self._waiting)
                if orders:
                    self._warn_if_split(orders, machines[address])
                    self._pool.occupy(address)
                    self._fly(connection, address, orders)

    def _is_enough(self) -> bool:
        """Return whether as many tasks are executed at a time as the user wants."""
        return len(self._flights) >= (self._options.workers or math.inf)

    def _warn_if_split(self, orders: Chunk, machine: Machine) -> None:
        """Tell once that a pair is continued on another class of machine."""
        began = self._pending.began(orders)
        if began is not None and not began.is_like(machine) and not self._warned_of_split:
            self._warned_of_split = True
            self._config.tell(split_pairs_warning(began, machine))

    def _fly(self, connection: Connection, address: str, orders: Chunk) -> None:
        if address in self._sender:
            self._fly_one(connection, address, orders, 0)
        else:
            texts = [json.dumps(to_plain(order)) for order in orders]
            self._start(connection, _Flight(None, address, orders), agents.execute_chunk, texts)

    def _fly_one(self, connection: Connection, address: str, chunk: Chunk, start: int) -> None:
        """Send a worker the first order of a chunk, at or after a position, that it can execute."""
        for at in range(start, len(chunk)):
            order = chunk[at]
            if order.name not in self._waiting:
                continue
            try:
                why_not = self._sender.prepare(connection, self._campaign, address, order)
            except WorkerFaultError as error:
                self._pool.release(address)
                self._lacks_something(connection, address, chunk[at:], str(error))
                return
            except Exception:  # noqa: BLE001 - it went away, as the next look shows
                connection.check()
                self._pool.discard(address)
                self._pending.put_first(chunk[at:])
                return
            if why_not is None:
                self._start(
                    connection,
                    _Flight(None, address, chunk, at),
                    agents.execute_sent,
                    json.dumps(to_plain(order)),
                    wall_time.needed_s(chunk, at, self._wall_s),
                    self._sender.take_received(address),
                )
                return
            self._waiting.lose(order, why_not)
        self._pool.release(address)

    def _start(
        self,
        connection: Connection,
        flight: _Flight,
        function: Callable[..., Any],
        *given: object,
    ) -> None:
        """Let a worker execute something."""
        flight.future = connection.start(function, flight.worker, self._setup, *given)
        self._flights[flight.future.key] = flight
        flight.future.add_done_callback(lambda done: self._ended.put(done.key))

    def _arrived(self, connection: Connection) -> Iterator[Outcome]:
        """Yield the outcomes of finished chunks; wait briefly for one."""
        wait_s = POLL_S
        for report in self._earlier.reports():
            yield from self._waiting.take(report)
        while True:
            try:
                key = self._ended.get(timeout=wait_s)
            except Empty:
                return
            wait_s = 0.001
            flight = self._flights.pop(key, None)
            if flight is None:
                continue
            self._pool.release(flight.worker)
            if flight.future.status != "finished":
                self._repetitions.worker_died(flight.orders, _reason(flight.future))
                continue
            try:
                found = flight.future.result(timeout=END_S)
            except (OSError, TimeoutError, CancelledError) as error:
                raise connection.lost() from error
            if flight.at is not None:
                yield from self._one_returned(connection, flight, flight.at, found)
            else:
                reports = [from_line(line) for line in found]
                yield from self._chunk_returned(connection, flight, reports)
            if self._is_over():
                return
            self._send(connection)

    def _chunk_returned(
        self, connection: Connection, flight: _Flight, reports: list[HostReport]
    ) -> Iterator[Outcome]:
        """Yield the outcomes that were returned; leave what was not executed to others."""
        ended = [one for one in reports if one.fault is None]
        rest = flight.orders[len(ended) :]
        if ended:
            self._pool.succeeded(flight.worker)
        if len(ended) < len(reports):
            self._lacks_something(connection, flight.worker, rest, str(reports[-1].fault))
        elif rest:
            self._leave(connection, flight.worker, rest)
        for report in ended:
            yield from self._waiting.take(report)

    def _one_returned(
        self, connection: Connection, flight: _Flight, at: int, found: ReturnedReport | None
    ) -> Iterator[Outcome]:
        """Yield the outcome that was returned with files; send the next order of its chunk."""
        order, rest = flight.chunk[at], flight.chunk[at + 1 :]
        if found is None:
            self._sender.withdraw(order)
            self._leave(connection, flight.worker, flight.orders)
            return
        report = found.unpack(self._config.folder.absolute())
        if report.fault is not None:
            self._sender.withdraw(order)
            self._lacks_something(connection, flight.worker, flight.orders, report.fault)
            return
        self._pool.succeeded(flight.worker)
        self._sender.note_received(flight.worker, order)
        if rest and flight.worker in self._pool:
            self._pool.occupy(flight.worker)
            self._fly_one(connection, flight.worker, flight.chunk, at + 1)
        else:
            self._pending.put_first(rest)
        yield from self._waiting.take(report)

    def _lacks_something(
        self, connection: Connection, address: str, orders: Chunk, fault: str
    ) -> None:
        """Let others execute what a worker could not, because of its machine.

        A worker that fails twice in a row is not used any more.
        """
        self._pending.fail(orders[0], address)
        self._pending.append([self._repetitions.machine_failed(orders, fault)])
        if self._pool.failed(address):
            self._config.tell(f"Warning: worker {address} is not used any more: {fault}")
            self._pool.give_up(address)
            if connection.has_queue:  # its job ends, and another one is asked for
                connection.retire(address)

    def _leave(self, connection: Connection, address: str, orders: Chunk) -> None:
        """Give a worker's remaining orders to others when its time is over, and let it end."""
        self._pool.give_up(address)
        connection.retire(address)
        self._pending.put_first(orders)


def _reason(future: Any) -> str:
    """Return in one line why a chunk has not returned."""
    if future.status == "error":
        return in_one_line(future.exception(timeout=END_S))
    return f"it was {future.status}"
