"""The connection to a scheduler of dask, and to the queue whose jobs are its workers.

The scheduler is given by its address, or is one of this process, whose workers are jobs of a queue.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from bench.errors import BenchError
from bench.execution.cluster.dask import job_queues
from bench.execution.cluster.dask.queue_state import QueueState, queue_state
from bench.execution.cluster_options import ClusterOptions
from bench.model.task import Task

CONNECT_S = 20.0
END_S = 30.0
ANSWER_S = 120.0
"""The time in which a worker answers, also if it must first load bench from a slow disk."""
REJECTED_S = 60.0
"""The time until a queue that has rejected jobs is asked again."""
STILLBORN_S = 2.0
"""The time until jobs are requested again in place of ended ones; it doubles each time in vain."""
MOST_STILLBORN = 4
"""So many requests for jobs in a row may bring no worker, because each job ends before it joins."""


class Connection:
    """Calls functions on the workers of a scheduler, and requests workers from a queue."""

    def __init__(
        self, client: Any, options: ClusterOptions, cluster: Any = None, logs: Path | None = None
    ) -> None:
        """Use a connected client; ``cluster`` are the jobs of a queue, which write to ``logs``."""
        self._client, self._cluster = client, cluster
        self._options, self._logs = options, logs or Path()
        self._next_request = 0.0
        self._n_in_vain = 0
        self._is_lost = False

    @property
    def has_queue(self) -> bool:
        """Whether the workers are jobs of a queue, which end with this process."""
        return self._cluster is not None

    @property
    def is_running(self) -> bool:
        """Whether the scheduler answers, as far as is known."""
        return bool(self._client.status == "running") and not self._is_lost

    def check(self) -> None:
        """Raise BenchError if the scheduler has ended, as far as is known."""
        if self._client.status not in {"running", "connecting"}:
            raise self.lost()

    def workers(self) -> dict[str, int]:
        """Return the threads of each worker by its address; BenchError without a scheduler."""
        try:
            found = self._client.scheduler_info(n_workers=-1)["workers"]
        except Exception as error:
            raise self.lost() from error
        self.check()
        return {address: int(worker["nthreads"]) for address, worker in found.items()}

    def call(self, function: Callable[..., Any], address: str, *given: object) -> Any:
        """Call a function on a worker at once, and return its result.

        Raise TimeoutError if the worker hangs, whatever else if it cannot be reached.
        """
        return self._run(function, [address], given, ANSWER_S)[address]

    def call_all(
        self, function: Callable[..., Any], addresses: Collection[str], *given: object
    ) -> bool:
        """Call a function on workers at once; those that cannot be reached do nothing.

        Return whether all answered that can be reached.
        """
        try:
            self._run(function, sorted(addresses), given, END_S)
        except TimeoutError:
            return False
        except Exception:  # noqa: BLE001 - some have ended
            return True
        return True

    def _run(
        self,
        function: Callable[..., Any],
        addresses: Collection[str],
        given: Sequence[object],
        patience_s: float,
    ) -> Any:
        """``run`` of dask's client would wait for ever for a worker that hangs."""
        run = self._client._run  # noqa: SLF001
        return self._client.sync(
            run, function, *given, workers=addresses, callback_timeout=patience_s
        )

    def start(self, function: Callable[..., Any], address: str, *given: object) -> Any:
        """Let a thread of a worker call a function, and return the future of its result."""
        return self._client.submit(
            function,
            *given,
            key=f"bench-{secrets.token_hex(12)}",
            workers=[address],
            pure=False,
            retries=0,
        )

    def cancel(self, futures: Sequence[Any]) -> None:
        """Forget calls that were started."""
        with suppress(Exception):
            self._client.cancel(list(futures), force=True)

    def abandon(self, futures: Iterable[Any]) -> None:
        """Let calls end without this process."""
        from distributed import fire_and_forget  # noqa: PLC0415 - for clusters only

        for future in futures:
            fire_and_forget(future)  # type: ignore[no-untyped-call]

    def retire(self, address: str) -> None:
        """Let a worker end."""
        with suppress(Exception):
            self._client.retire_workers([address], close_workers=True)

    def worker_joined(self) -> None:
        """Note that a job of the queue has brought a worker."""
        self._n_in_vain = 0

    def keep_jobs(self, n_alive: int, n_wanted: int) -> str:
        """Request new jobs in place of ended ones, because dask-jobqueue does not.

        Return a warning if the queue rejects them, else an empty text; it is then asked again after
        a while. Raise BenchError, with the last words of a job, if there is no worker and all jobs
        of several requests have ended before they brought one.
        """
        is_early = time.monotonic() < self._next_request
        if self._cluster is None or n_alive >= n_wanted or is_early:
            return ""
        with suppress(OSError):
            state = queue_state(str(self._options.queue), self._cluster, self._logs)
            if state.n_jobs is None or state.n_jobs >= n_wanted:
                return ""
            self._check_stillborn(n_alive, state)
            try:
                job_queues.request(self._cluster, n_wanted - state.n_jobs)
            except BenchError as error:
                self._next_request = time.monotonic() + REJECTED_S
                return f"Warning: {error}"
        return ""

    def _check_stillborn(self, n_alive: int, state: QueueState) -> None:
        """Count a request; it waits longer each time, because a queue serves many users."""
        if self._n_in_vain >= MOST_STILLBORN and not n_alive:
            last = f"; the last line of a job's log: {state.last_words}" if state.last_words else ""
            raise BenchError(
                f"the jobs of {self._options.queue} end before a worker starts in them{last}; see "
                "--queue-options"
            )
        self._next_request = time.monotonic() + STILLBORN_S * 2**self._n_in_vain
        self._n_in_vain = min(self._n_in_vain + 1, MOST_STILLBORN)

    def why_no_worker(self, *, were_refused: bool) -> str:
        """Return a line on the absence of workers, and what to do about it."""
        address = self._options.scheduler
        if self._cluster is not None:
            state = queue_state(str(self._options.queue), self._cluster, self._logs)
            last = f"; the last line of a job's log: {state.last_words}" if state.last_words else ""
            return f"No worker has started yet; {self._options.queue} says: {state.said}{last}"
        if were_refused:
            return (
                f"No worker of {address} can be used (see the warnings); start another one "
                f"with: bench worker {address}"
            )
        return f"No worker has joined {address} yet; start one with: bench worker {address}"

    def lost(self) -> BenchError:
        """Return the error to raise without a scheduler; tasks on its workers end with it."""
        self._is_lost = True
        where = f" at {self._options.scheduler}" if self._options.scheduler else ""
        return BenchError(
            f"the scheduler of dask{where} has ended; the results so far are recorded, and "
            "bench resume executes the rest"
        )

    def close(self) -> None:
        """Leave the scheduler, and end the jobs of a queue."""
        for one in (self._client, self._cluster):
            _close(one)


def connect(
    options: ClusterOptions, tasks: Sequence[Task], n_jobs: int, logs: Path
) -> tuple[Connection, float | None]:
    """Return the connection, and the wall time of a job of the queue in seconds, if there is one.

    Raise BenchError without dask or without a scheduler, and if the queue rejects the jobs;
    UsageError for invalid options of the queue.
    """
    if find_spec("distributed") is None:
        raise BenchError(f"--executor dask needs: {job_queues.NEEDS}")
    for name in ("distributed", "distributed.client", "distributed.scheduler"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    cluster, wall_s = None, None
    if options.queue is not None:
        cluster, wall_s = _start_queue(options.queue, options, tasks, n_jobs, logs)
    try:
        client = _client(options.scheduler if cluster is None else cluster)
    except Exception as error:
        _close(cluster)
        said = " ".join(str(error).split())
        raise BenchError(f"no scheduler of dask answers at {options.scheduler}: {said}") from error
    return Connection(client, options, cluster, logs), wall_s


def _client(address: Any) -> Any:
    """Return a client of the scheduler at an address, or of a cluster.

    Raise TimeoutError if something else listens at the address and says nothing, and whatever dask
    makes of it if it says something. dask itself would wait for ever for the one, and the
    destructor of its client for 40 s after the other.
    """
    from distributed import Client  # noqa: PLC0415 - for clusters only

    client = Client.__new__(Client)
    ended: SimpleQueue[Exception | None] = SimpleQueue()

    def begin() -> None:
        try:
            Client.__init__(client, address, timeout=CONNECT_S, set_as_default=False)  # type: ignore[no-untyped-call]
        except Exception as error:  # noqa: BLE001 - raised in the other thread
            client.status = "closed"
            ended.put(error)
        else:
            ended.put(None)

    threading.Thread(target=begin, daemon=True).start()
    try:
        error = ended.get(timeout=2 * CONNECT_S)
    except Empty:
        client.status = "closed"
        raise TimeoutError(f"what listens there has said nothing for {2 * CONNECT_S:g} s") from None
    if error is not None:
        raise error
    return client


def _start_queue(
    queue: str, options: ClusterOptions, tasks: Sequence[Task], n_jobs: int, logs: Path
) -> tuple[Any, float | None]:
    """Request workers from the queue; return the dask cluster, and the wall time of its jobs."""
    try:
        given, wall_s = job_queues.arguments(queue, options.queue_options, tasks, logs)
    except ImportError as error:
        raise BenchError(f"--queue {queue} needs: {job_queues.NEEDS}") from error
    cluster = job_queues.make(queue, given)
    try:
        job_queues.request(cluster, n_jobs)
    except BenchError:
        if not cluster.workers:
            _close(cluster)
            raise
    return cluster, wall_s


def _close(one: Any) -> None:
    if one is not None:
        with suppress(Exception):
            one.close(timeout=END_S)
