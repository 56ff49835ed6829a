"""The executor of dask: chunks of tasks on the workers of a scheduler, one for each worker thread.

The scheduler is somebody else's, by its address, or one of this process, whose workers are jobs of
a queue. dask is used to reach workers, not to plan: a chunk goes to a worker that is free, no
sooner, so that a worker that dies takes nothing along but what it executed.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from bench.errors import BenchError, UsageError
from bench.execution.cluster import claims
from bench.execution.cluster.chunks import chunks
from bench.execution.cluster.dask import agents, job_queues
from bench.execution.cluster.dask.agent import AgentSetup
from bench.execution.cluster.dask.queue_state import queue_state
from bench.execution.cluster.orders import HostOrders, TaskOrder, exchange_of, write_text
from bench.execution.cluster.spool import from_line
from bench.execution.cluster.waiting_orders import WaitingOrders
from bench.execution.protocol import ExecutorConfig
from bench.execution.task_queue import TaskQueue
from bench.model.plain_data import to_plain
from bench.model.results.result import Outcome
from bench.model.task import Task

POLL_S = 0.2
LOOK_S = 2.0
"""How often it is asked which workers there are."""
SETTLE_S = 2.0
"""After the death of a worker, what it wrote may take as long to be seen on a shared folder."""
PATIENCE_S = 30.0
"""So long nobody is told that there are no workers."""
CONNECT_S = 20.0
END_S = 30.0
CHUNK_S = 30.0
"""What a chunk is expected to take: far longer than its way to a worker."""
CHUNKS_A_WORKER = 4
"""So many chunks each worker gets, where there are as many pairs: the last ones end together."""
MOST_STILLBORN = 3


@dataclass(slots=True)
class _Flight:
    """A chunk that a worker executes."""

    future: Any
    worker: str
    orders: tuple[TaskOrder, ...]


class DaskExecutor:
    """Sends tasks to workers of dask, and collects what they send back."""

    def __init__(self, config: ExecutorConfig) -> None:
        """Start nothing yet; UsageError where it is not said who executes."""
        self._config = config
        self._options = config.cluster
        if (self._options.scheduler is None) == (self._options.queue is None):
            raise UsageError(
                "--executor dask needs --scheduler ADDRESS, or --queue NAME, such as --queue slurm"
            )
        if self._options.queue is not None:
            job_queues.check(self._options.queue)
        self._exchange = exchange_of(config.folder.parent)
        self._logs = self._exchange / "logs"
        self._queue = TaskQueue()
        self._waiting = WaitingOrders(config, self._exchange)
        self._token = secrets.token_hex(8)
        self._client: Any = None
        self._cluster: Any = None
        self._setup = ""
        self._versions: list[tuple[str, str]] = []
        self._flights: dict[str, _Flight] = {}
        self._ended: SimpleQueue[str] = SimpleQueue()
        self._free: dict[str, int] = {}
        self._refused: set[str] = set()
        self._accepted: set[str] = set()
        self._elsewhere: dict[str, list[tuple[TaskOrder, ...]]] = {}
        self._chunks: list[tuple[TaskOrder, ...]] = []
        self._failures: dict[str, int] = {}
        self._settling: list[tuple[float, tuple[TaskOrder, ...], str]] = []
        self._next_look = 0.0
        self._alone_since = time.monotonic()
        self._told = ""

    def submit(self, tasks: Iterable[Task]) -> None:
        """Add tasks; all are taken once outcomes are collected."""
        self._queue.add(tasks)

    def collect(self) -> Iterator[Outcome]:
        """Yield outcomes as they arrive.

        Raise UsageError for options that cannot be used, BenchError where no scheduler is reached.
        """
        while not self._is_over():
            self._plan(self._taken())
            yield from self._waiting.outcomes()
            self._plan(self._taken())
            if self._is_over() or not self._waiting or not self._config.should_continue():
                return
            if self._client is None:
                self._connect()
            self._look()
            self._send()
            yield from self._arrived()
            self._settle()

    def detach(self) -> None:
        """Leave: what workers of somebody else's scheduler execute goes on, nothing else does."""
        if self._is_over():
            return
        n = sum(len(flight.orders) for flight in self._flights.values())
        stays = not self._options.ends_with_submitter
        if not stays or not n:
            self.cancel()
            if n:
                self._config.tell("The tasks on the cluster were ended.")
            return
        self._queue.close()
        self._waiting.forget()
        from distributed import fire_and_forget  # noqa: PLC0415 - for clusters only

        for flight in self._flights.values():
            fire_and_forget(flight.future)  # type: ignore[no-untyped-call]
        self._close()
        self._config.tell(
            f"Detached: workers of {self._options.scheduler} end what they execute, and start "
            "nothing else. Collect the results, and execute the rest, with bench resume."
        )

    def cancel(self) -> None:
        """End what workers execute, and return once it has ended."""
        if self._is_over():
            return
        self._queue.close()
        if self._client is not None and self._client.status == "running":
            with suppress(Exception):  # workers that cannot be reached end nothing
                self._client.run(
                    agents.end_all,
                    str(self._exchange),
                    leaves=self._cluster is not None,
                    workers=sorted(self._accepted),
                )
            with suppress(Exception):
                self._client.cancel([one.future for one in self._flights.values()], force=True)
            for flight in self._flights.values():
                for order in flight.orders:
                    if order.name in self._waiting:
                        claims.forget(self._exchange, order)
        self._waiting.forget()
        self._close()

    def _is_over(self) -> bool:
        """Return whether this was detached or cancelled, perhaps by who was given an outcome."""
        return self._queue.closed

    def _taken(self) -> list[Task]:
        return list(iter(self._queue.take, None))

    def _plan(self, tasks: Sequence[Task]) -> None:
        """Make chunks of new tasks that have no outcome yet."""
        if tasks:
            before = {order.name for order in self._waiting}
            self._waiting.add(tasks)
            new = [order for order in self._waiting if order.name not in before]
            n_least = CHUNKS_A_WORKER * (self._options.workers or 8)
            self._chunks += chunks(new, self._config.expected_s, n_least, CHUNK_S)
            versions = {(one.setting.solver, one.solver_version) for one in tasks}
            self._versions = sorted(versions | set(self._versions))

    def _connect(self) -> None:
        try:
            from distributed import Client  # noqa: PLC0415 - for clusters only
        except ImportError as error:
            raise BenchError(f"--executor dask needs: {job_queues.NEEDS}") from error
        for name in ("distributed", "distributed.client", "distributed.scheduler"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._exchange.mkdir(parents=True, exist_ok=True)
        write_text(self._exchange / agents.TOKEN, self._token)
        wall_s = self._start_queue() if self._options.queue is not None else None
        try:
            self._client = Client(  # type: ignore[no-untyped-call]
                self._options.scheduler if self._cluster is None else self._cluster,
                timeout=CONNECT_S,
                set_as_default=False,
            )
        except (OSError, TimeoutError, ValueError) as error:
            raise BenchError(
                f"no scheduler of dask answers at {self._options.scheduler}: {error}"
            ) from error
        tasks = [order.task for chunk in self._chunks for order in chunk]
        setup = AgentSetup(
            orders=HostOrders(
                tasks_folder=self._config.folder.absolute(),
                exchange=self._exchange,
                verify=self._config.verify,
                pass_env=self._config.pass_env,
                wall_s=wall_s,
            ),
            solvers=tuple(sorted({task.setting.solver for task in tasks})),
        )
        self._setup = json.dumps(to_plain(setup))
        self._alone_since = time.monotonic()

    def _start_queue(self) -> float | None:
        """Ask the queue for workers, and return the wall time of their jobs."""
        queue = str(self._options.queue)
        orders = [order for chunk in self._chunks for order in chunk]
        try:
            given, wall_s = job_queues.arguments(
                queue,
                self._options.queue_options,
                [order.task for order in orders],
                self._logs,
            )
        except ImportError as error:
            raise BenchError(f"--queue {queue} needs: {job_queues.NEEDS}") from error
        for order in orders:  # workers of an earlier command have ended with it
            claims.forget(self._exchange, order)
        self._cluster = job_queues.make(queue, given)
        try:
            self._cluster.scale(jobs=self._n_wanted())
        except Exception as error:
            self._close()
            raise BenchError(f"the queue does not take the jobs: {error}") from error
        return wall_s

    def _n_wanted(self) -> int:
        """Return how many workers are of use, at most as many as there are chunks."""
        return max(1, min(self._options.workers or 1, len(self._chunks) + len(self._flights)))

    def _look(self) -> None:
        """See which workers came and went; keep a queue at the number that is of use."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + LOOK_S
        found = self._workers()
        for address in self._accepted - found.keys():
            self._lost_worker(address)
        for address in found.keys() - self._accepted - self._refused:
            if self._accepts(address):
                self._free[address] = found[address] - self._found_busy(address)
        for address in list(self._elsewhere):
            self._ask_again(address)
        if self._accepted:
            self._alone_since = time.monotonic()
        elif time.monotonic() - self._alone_since > PATIENCE_S:
            self._tell(self._why_alone())
        if self._cluster is not None:
            self._replace_workers(len(self._accepted))

    def _workers(self) -> dict[str, int]:
        """Return the threads of each worker by its address; BenchError without a scheduler."""
        try:
            workers = self._client.scheduler_info()["workers"]
        except Exception as error:
            raise self._lost_scheduler() from error
        if self._client.status not in {"running", "connecting"}:
            raise self._lost_scheduler()
        return {address: int(worker["nthreads"]) for address, worker in workers.items()}

    def _lost_worker(self, address: str) -> None:
        self._accepted.discard(address)
        self._free.pop(address, None)
        for chunk in self._elsewhere.pop(address, []):
            self._died(chunk, "its worker has ended")
        for key, flight in list(self._flights.items()):
            if flight.worker == address:
                flight.future.cancel()
                self._died(self._flights.pop(key).orders, "its worker has ended")

    def _executing(self, address: str) -> list[tuple[TaskOrder, ...]]:
        """Return the orders that a worker executes already, for a submitter that has left."""
        waiting = {order.name: order for order in self._waiting}
        flying = {order.name for one in self._flights.values() for order in one.orders}
        found = self._client.run(agents.executing, str(self._exchange), workers=[address])[address]
        chunks_there = (
            tuple(waiting[name] for name in chunk if name in waiting and name not in flying)
            for chunk in found
        )
        return [chunk for chunk in chunks_there if chunk]

    def _found_busy(self, address: str) -> int:
        """Leave to a worker what it executes already; return how many of its threads do so."""
        found = self._executing(address)
        if found:
            self._elsewhere[address] = found
            there = {order.name for chunk in found for order in chunk}
            rest = (tuple(o for o in chunk if o.name not in there) for chunk in self._chunks)
            self._chunks = [chunk for chunk in rest if chunk]
        return len(found)

    def _ask_again(self, address: str) -> None:
        """See whether a worker has ended what it executed for a submitter that has left."""
        try:
            now = self._executing(address)
        except Exception:  # noqa: BLE001 - it went away, as the next look shows
            return
        before = self._elsewhere.pop(address)
        if now:
            self._elsewhere[address] = now
        still = {order.name for chunk in now for order in chunk}
        for chunk in before:
            ended = tuple(one for one in chunk if one.name not in still)
            if ended:
                self._died(ended, "it has left no report")
        self._free[address] = self._free.get(address, 0) + len(before) - len(now)

    def _replace_workers(self, n_alive: int) -> None:
        """Ask for other jobs where some have ended; dask-jobqueue does not by itself."""
        wanted = self._n_wanted()
        if n_alive >= wanted:
            return
        with suppress(Exception):
            state = queue_state(str(self._options.queue), self._cluster, self._logs)
            if state.n_jobs is not None and state.n_jobs < wanted:
                n_known = len(self._cluster.worker_spec)
                self._cluster.scale(jobs=n_known + wanted - state.n_jobs)

    def _why_alone(self) -> str:
        if self._cluster is None:
            return (
                f"No worker has joined {self._options.scheduler} yet; start one with: "
                f"bench worker {self._options.scheduler}"
            )
        state = queue_state(str(self._options.queue), self._cluster, self._logs)
        last = f"; the last words of a job: {state.last_words}" if state.last_words else ""
        return f"No worker has started yet; {self._options.queue} says: {state.said}{last}"

    def _accepts(self, address: str) -> bool:
        """Return whether a worker may execute tasks; tell why not, and send nothing there."""
        try:
            found = self._client.run(
                agents.refusal,
                self._setup,
                self._token,
                self._versions,
                workers=[address],
                on_error="return",
            ).get(address)
        except Exception:  # noqa: BLE001 - it went away; the next look shows whether it is back
            return False
        if found is None:
            self._accepted.add(address)
            return True
        self._refused.add(address)
        self._config.tell(f"Warning: worker {address} is not used: {found}")
        return False

    def _send(self) -> None:
        for address in list(self._free):
            if self._client.status not in {"running", "connecting"}:
                raise self._lost_scheduler()
            while self._free[address] > 0 and self._chunks:
                orders = tuple(one for one in self._chunks.pop(0) if one.name in self._waiting)
                if orders:
                    self._free[address] -= 1
                    self._fly(address, orders)

    def _fly(self, address: str, orders: tuple[TaskOrder, ...]) -> None:
        future = self._client.submit(
            agents.execute_chunk,
            self._setup,
            [json.dumps(to_plain(order)) for order in orders],
            key=f"bench-{secrets.token_hex(12)}",
            workers=[address],
            pure=False,
            retries=0,
        )
        self._flights[future.key] = _Flight(future, address, orders)
        future.add_done_callback(lambda done: self._ended.put(done.key))

    def _arrived(self) -> Iterator[Outcome]:
        """Yield the outcomes of chunks that have ended; wait for one for a moment."""
        wait_s = POLL_S
        while True:
            try:
                key = self._ended.get(timeout=wait_s)
            except Empty:
                return
            wait_s = 0.001
            flight = self._flights.pop(key, None)
            if flight is None:
                continue
            if flight.worker in self._free:
                self._free[flight.worker] += 1
            if flight.future.status != "finished":
                self._died(flight.orders, _reason(flight.future))
                continue
            try:
                lines = flight.future.result(timeout=END_S)
            except (OSError, TimeoutError, CancelledError) as error:
                raise self._lost_scheduler() from error
            for line in lines:
                yield from self._waiting.take(from_line(line))
            if len(lines) < len(flight.orders):
                self._used_up(flight.worker)
                self._chunks.insert(0, flight.orders[len(lines) :])
            self._send()

    def _used_up(self, address: str) -> None:
        """Send nothing more to a worker whose job ends soon, and let it end now."""
        self._free.pop(address, None)
        self._accepted.discard(address)
        self._refused.add(address)
        with suppress(Exception):
            self._client.retire_workers([address], close_workers=True)

    def _died(self, orders: tuple[TaskOrder, ...], reason: str) -> None:
        """Wait a moment for what the worker has left on the shared folder."""
        self._settling.append((time.monotonic() + SETTLE_S, orders, reason))

    def _settle(self) -> None:
        """Send again what a worker has left when it died; give up what killed two of them."""
        now = time.monotonic()
        due = [one for one in self._settling if one[0] <= now]
        self._settling = [one for one in self._settling if one[0] > now]
        for _, orders, reason in due:
            left = [order for order in orders if order.name in self._waiting]
            was_begun = any(claims.count(self._exchange, order) for order in orders)
            for order in list(left):
                n = self._failures[order.name] = self._failures.get(order.name, 0) + 1
                if claims.count(self._exchange, order) >= claims.MOST:
                    self._lose(left, order, claims.DIED)
                elif not was_begun and n >= MOST_STILLBORN:
                    self._lose(left, order, f"no worker could begin it: {reason}")
            if left:
                self._chunks.insert(0, tuple(left))

    def _lose(self, left: list[TaskOrder], order: TaskOrder, reason: str) -> None:
        left.remove(order)
        self._waiting.lose(order, reason)

    def _lost_scheduler(self) -> BenchError:
        """Return the error to raise; what workers execute ends with their scheduler."""
        self._flights.clear()
        return BenchError(
            f"the scheduler of dask{self._where()} has ended; the results so far are recorded, and "
            "bench resume executes the rest"
        )

    def _where(self) -> str:
        return f" at {self._options.scheduler}" if self._options.scheduler else ""

    def _close(self) -> None:
        for one in (self._client, self._cluster):
            if one is not None:
                with suppress(Exception):
                    one.close(timeout=END_S)

    def _tell(self, line: str) -> None:
        if line != self._told:
            self._told = line
            self._config.tell(line)


def _reason(future: Any) -> str:
    """Return in one line why a chunk has not come back."""
    if future.status == "error":
        error = future.exception(timeout=END_S)
        return " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return f"it was {future.status}"
