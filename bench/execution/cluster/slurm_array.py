"""The executor for Slurm arrays: sends chunks of tasks as elements of job arrays.

Only the jobs have to keep running: the submitter may leave, and the next one reads the results that
they have saved on the shared folder.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.errors import BenchError, UsageError
from bench.execution.cluster import array_folder, claims, slurm, slurm_nodes, wall_time
from bench.execution.cluster.array_folder import ArrayFolder
from bench.execution.cluster.chunks import chunks
from bench.execution.cluster.host import OVERHEAD_MIB
from bench.execution.cluster.orders import TaskOrder
from bench.execution.cluster.slurm import QueuedElement, SlurmUnreachableError
from bench.execution.cluster.submitter import Submitter
from bench.execution.cluster_options import ClusterOptions, Files, OnInterrupt
from bench.execution.pairs import pair_of
from bench.execution.process.task_files import read_end
from bench.execution.protocol import ExecutorConfig
from bench.execution.request import hard_limits
from bench.model.results.result import Outcome
from bench.model.task import Task

POLL_S = 0.5
QUEUE_S = 5.0
"""The interval between queries of the queue, because Slurm's controller serves many users."""
SETTLE_S = 5.0
"""The time until files of an ended job are visible on a shared folder."""
LONGEST_END_S = 60.0
PATIENCE_S = 30.0
"""The time after which waiting jobs are reported."""
MOST_STILLBORN = 2
AT_LEAST = 8
"""The least number of elements of an array, if there are enough pairs and the user has not set one.
"""
TAIL_BYTES = 4096


@dataclass(slots=True)
class _Array:
    """An array that is waited for: its elements by index, and since when each is missing."""

    folder: ArrayFolder
    job: str
    chunks: list[list[TaskOrder]]
    gone: dict[int, float] = field(default_factory=dict)


class SlurmArrayExecutor(Submitter):
    """Sends tasks to Slurm in job arrays, and reads their results from a shared folder."""

    def __init__(self, config: ExecutorConfig) -> None:
        """Start nothing yet; UsageError for options of other executors."""
        super().__init__(config)
        if self._options.scheduler is not None or self._options.queue is not None:
            raise UsageError("--scheduler and --queue are for --executor dask")
        if self._options.files is Files.SEND:
            raise UsageError(
                "--files send is for --executor dask: elements of arrays need a folder that all "
                "nodes share"
            )
        self._arrays: dict[str, _Array] = {}
        self._in_array: set[str] = set()
        self._stillborn: dict[str, int] = {}
        self._next_look = self._next_send = 0.0
        self._waits_since = time.monotonic()

    def _advance(self) -> Iterator[Outcome]:
        if time.monotonic() >= self._next_send:
            self._adopt_and_send()
        if time.monotonic() >= self._next_look:
            self._look()
        time.sleep(POLL_S)
        yield from ()

    def detach(self) -> None:
        """Leave: the jobs continue, unless the user wants them to end with this process."""
        if self._queue.closed:
            return
        if self._waiting and self._options.on_interrupt is OnInterrupt.CANCEL:
            jobs = self._jobs()
            self.cancel()
            if jobs:
                self._config.tell(f"Cancelled: {jobs}.")
            return
        self._queue.close()
        n = len(self._waiting)
        self._waiting.forget()
        if n and self._arrays:
            self._config.tell(
                f"Detached: {n} task{'s continue' if n > 1 else ' continues'} in {self._jobs()}. "
                "Collect the results with bench resume, or end the tasks with: "
                f"scancel {' '.join(one.job for one in self._arrays.values())}"
            )

    def cancel(self) -> None:
        """End all jobs, and wait until they have ended."""
        if self._queue.closed:
            return
        self._queue.close()
        live = list(self._arrays.values())
        if live:
            slurm.cancel([one.job for one in live])
            end = time.monotonic() + LONGEST_END_S
            while time.monotonic() < end and any(slurm.elements(one.job) for one in live):
                time.sleep(POLL_S / 2)
        for order in self._waiting:
            claims.forget(self._exchange, order)
        self._waiting.forget()
        for one in live:
            one.folder.end()

    def _jobs(self) -> str:
        jobs = [one.job for one in self._arrays.values()]
        return f"Slurm job{'s' * (len(jobs) > 1)} {', '.join(jobs)}" if jobs else ""

    def _adopt_and_send(self) -> None:
        """Send what nobody has sent, and try again later if Slurm does not answer."""
        try:
            self._adopt()
            self._send([order for order in self._waiting if order.name not in self._in_array])
        except SlurmUnreachableError as error:
            if not self._arrays:
                raise
            self._next_send = time.monotonic() + QUEUE_S
            self._tell(f"Warning: {error}; bench asks again")

    def _adopt(self) -> None:
        """Wait for arrays that were submitted before, perhaps without an answer from Slurm."""
        for folder in array_folder.arrays(self._exchange):
            if folder.name in self._arrays or folder.is_over:
                continue
            orders = folder.chunks()
            names = {order.name for chunk in orders for order in chunk}
            mine = {order.name for order in self._waiting if order.name in names}
            mine -= self._in_array
            if not mine:
                continue
            job = folder.job or slurm.find(folder.job_name)
            if job is None:
                folder.end()
                continue
            folder.set_job(job)
            self._arrays[folder.name] = _Array(folder, job, orders)
            self._in_array |= mine
            n = len(mine)
            self._config.tell(f"Slurm job {job}: {n} task{'s' * (n > 1)} submitted before.")

    def _send(self, orders: Sequence[TaskOrder]) -> None:
        """Submit orders that are in no array."""
        if not orders:
            return
        n_least = self._options.workers or AT_LEAST
        most = slurm.largest_array()
        for where, group in self._by_nodes(orders):
            made = chunks(group, self._config.expected_s, n_least)
            for start in range(0, len(made), most):
                self._submit_array(made[start : start + most], where)

    def _by_nodes(
        self, orders: Sequence[TaskOrder]
    ) -> Iterator[tuple[dict[str, Any], Sequence[TaskOrder]]]:
        """Yield orders with options of sbatch that send the rest of pairs to suitable nodes."""
        begun, given = self._waiting.begun, self._options.queue_options
        is_begun = any(pair_of(order.task) in begun for order in orders)
        if not is_begun or slurm_nodes.CHOICES & given.keys():
            yield {}, orders
            return
        nodes = slurm.nodes(str(given.get("partition") or ""))
        for where, group, unmatched in slurm_nodes.split_by_nodes(orders, begun, nodes):
            for began in unmatched:
                self._tell(slurm_nodes.unlike_warning(began))
            yield where, group

    def _submit_array(self, made: Sequence[Sequence[TaskOrder]], where: Mapping[str, Any]) -> None:
        tasks = [order.task for chunk in made for order in chunk]
        options, wall_s = _queue_options(self._options, tasks)
        orders = self._host_orders((order for chunk in made for order in chunk), wall_s)
        folder = array_folder.make(self._exchange, orders, made)
        try:
            job = slurm.submit(
                folder.script,
                len(made),
                name=folder.job_name,
                log=folder.log("%a"),
                n_at_a_time=self._options.workers,
                options={**options, **where},
            )
        except SlurmUnreachableError:  # it may have the array: _adopt looks for it by its name
            raise
        except BenchError:
            folder.end()
            raise
        folder.set_job(job)
        self._arrays[folder.name] = _Array(folder, job, [list(chunk) for chunk in made])
        self._in_array |= {order.name for chunk in made for order in chunk}
        self._next_look = time.monotonic() + min(1.0, QUEUE_S)
        n, n_jobs = len(tasks), len(made)
        self._config.tell(
            f"Slurm job {job}: {n} task{'s' * (n > 1)} in {n_jobs} element{'s' * (n_jobs > 1)}."
        )

    def _look(self) -> None:
        """Query the queue for running elements, and submit the orders of dead ones again."""
        self._next_look = time.monotonic() + QUEUE_S
        alive: list[QueuedElement] = []
        for one in list(self._arrays.values()):
            try:
                found = slurm.elements(one.job)
            except SlurmUnreachableError as error:
                self._tell(f"Warning: {error}; results are still collected")
                return
            alive += found
            self._look_at(one, {element.index for element in found})
        if any(element.state != "PENDING" for element in alive):
            self._waits_since = time.monotonic()
        elif alive and time.monotonic() - self._waits_since > PATIENCE_S:
            reasons = ", ".join(sorted({element.reason for element in alive}))
            waiting = f"{len(alive)} job{' is' if len(alive) == 1 else 's are'} waiting"
            self._tell(f"No job of {self._jobs()} has started; {waiting}, Slurm says: {reasons}")

    def _look_at(self, array: _Array, alive: set[int]) -> None:
        left = {
            index: [order for order in chunk if order.name in self._waiting]
            for index, chunk in enumerate(array.chunks)
        }
        now = time.monotonic()
        for index, orders in left.items():
            if not orders or index in alive:
                array.gone.pop(index, None)
            elif now - array.gone.setdefault(index, now) >= SETTLE_S:
                self._element_died(array, index, orders)
        if not alive and not any(left.values()):
            array.folder.end()
            del self._arrays[array.folder.name]

    def _element_died(self, array: _Array, index: int, orders: list[TaskOrder]) -> None:
        """Submit the remaining orders of an element again; give up an order that has killed two."""
        began = claims.begun(self._exchange)
        is_stillborn = not any(order.name in began for order in array.chunks[index])
        array.chunks[index] = []
        for order in orders:
            self._in_array.discard(order.name)
            if claims.count(self._exchange, order) >= claims.MOST:
                self._waiting.lose(order, claims.DIED)
            elif is_stillborn:
                n = self._stillborn[order.name] = self._stillborn.get(order.name, 0) + 1
                if n >= MOST_STILLBORN:
                    self._waiting.lose(order, _why_stillborn(array, index))


def _queue_options(
    options: ClusterOptions, tasks: Sequence[Task]
) -> tuple[dict[str, Any], float | None]:
    """Return options of sbatch (the user's override those of the tasks), and the wall time."""
    given = dict(options.queue_options)
    chosen: dict[str, Any] = {"ntasks": 1, "cpus-per-task": _most_threads(tasks)}
    memory = [hard_limits(task.limits).memory_mib for task in tasks]
    known = [each for each in memory if each is not None]
    if len(known) == len(memory) and not {"mem", "mem-per-cpu", "mem-per-gpu"} & given.keys():
        chosen["mem"] = f"{max(known) + OVERHEAD_MIB:.0f}M"
    if "time" in given:
        wall_s: float | None = wall_time.parse(given["time"])
        wall_time.check(tasks, wall_s or 0.0, str(given["time"]))
    else:
        wall_s = wall_time.usual_s(tasks)
        if wall_s is not None:
            chosen["time"] = wall_time.text(wall_s)
    return chosen | given, wall_s


def _most_threads(tasks: Iterable[Task]) -> int:
    return max(task.limits.threads or 1 for task in tasks)


def _why_stillborn(array: _Array, index: int) -> str:
    """Return why a job ended before its first task, from its last output line or from Slurm."""
    log = array.folder.log(index)
    ended = slurm.how_ended(array.job, index)
    what = f"its job ended before it began{f' ({ended})' if ended else ''}"
    try:
        lines = read_end(log, TAIL_BYTES).decode(errors="replace").splitlines()
    except OSError:
        return f"{what} and left no log in {log.parent}; all nodes must share this folder"
    said = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f"{what}: {said}" if said else f"{what}; its log in {log.parent} is empty"
