"""The executor of Slurm's arrays: chunks of tasks as elements of arrays of jobs.

Nothing of ours goes on but the jobs: the submitter may leave, and whoever comes back takes what
they left on the shared folder.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.errors import BenchError
from bench.execution.cluster import array_folder, claims, slurm, wall_time
from bench.execution.cluster.array_folder import ArrayFolder
from bench.execution.cluster.chunks import chunks
from bench.execution.cluster.host import OVERHEAD_MIB
from bench.execution.cluster.options import ClusterOptions, OnInterrupt
from bench.execution.cluster.orders import HostOrders, TaskOrder, exchange_of
from bench.execution.cluster.slurm import QueuedElement, SlurmUnreachableError
from bench.execution.cluster.waiting_orders import WaitingOrders
from bench.execution.process.request import hard_limits
from bench.execution.process.task_files import read_end
from bench.execution.protocol import ExecutorConfig
from bench.execution.task_queue import TaskQueue
from bench.model.results.result import Outcome
from bench.model.task import Task

POLL_S = 0.5
QUEUE_S = 5.0
"""How often the queue is asked: Slurm's controller serves many."""
SETTLE_S = 5.0
"""After the end of a job, what it wrote may take as long to be seen on a shared folder."""
LONGEST_END_S = 60.0
PATIENCE_S = 30.0
"""So long nobody is told that jobs wait."""
MOST_STILLBORN = 2
AT_LEAST = 8
"""So many elements an array has at least, where there are as many pairs and nobody says more."""
TAIL_BYTES = 4096


@dataclass(slots=True)
class _Array:
    """An array of jobs that is waited for: the elements by index, and since when one is gone."""

    folder: ArrayFolder
    job: str
    chunks: list[list[TaskOrder]]
    gone: dict[int, float] = field(default_factory=dict)


class SlurmArrayExecutor:
    """Sends tasks to Slurm in arrays of jobs, and collects what they leave on a shared folder."""

    def __init__(self, config: ExecutorConfig) -> None:
        """Start nothing yet."""
        self._config = config
        self._options = config.cluster
        self._exchange = exchange_of(config.folder.parent)
        self._queue = TaskQueue()
        self._waiting = WaitingOrders(config, self._exchange)
        self._arrays: dict[str, _Array] = {}
        self._in_array: set[str] = set()
        self._stillborn: dict[str, int] = {}
        self._next_look = 0.0
        self._waits_since = time.monotonic()
        self._told = ""

    def submit(self, tasks: Iterable[Task]) -> None:
        """Add tasks; all are taken once outcomes are collected."""
        self._queue.add(tasks)

    def collect(self) -> Iterator[Outcome]:
        """Yield outcomes as they arrive on the shared folder.

        Raise UsageError for options that cannot be used, BenchError where Slurm takes no jobs.
        """
        while not self._is_over():
            self._waiting.add(self._taken())
            yield from self._waiting.outcomes()
            self._waiting.add(self._taken())
            if self._is_over() or not self._waiting or not self._config.should_continue():
                return
            self._adopt()
            self._send([order for order in self._waiting if order.name not in self._in_array])
            if time.monotonic() >= self._next_look:
                self._look()
            time.sleep(POLL_S)

    def detach(self) -> None:
        """Leave: the jobs go on, unless the user wants them to end with this process."""
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
                f"Detached: {n} task{'s go' if n > 1 else ' goes'} on in {self._jobs()}. Collect "
                "the results with bench resume, or end the tasks with: "
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

    def _is_over(self) -> bool:
        """Return whether this was detached or cancelled, perhaps by who was given an outcome."""
        return self._queue.closed

    def _taken(self) -> Iterator[Task]:
        while (task := self._queue.take()) is not None:
            yield task

    def _jobs(self) -> str:
        jobs = [one.job for one in self._arrays.values()]
        return f"Slurm job{'s' * (len(jobs) > 1)} {', '.join(jobs)}" if jobs else ""

    def _adopt(self) -> None:
        """Wait for the arrays that an earlier submitter has left."""
        for folder in array_folder.arrays(self._exchange):
            if folder.name in self._arrays or folder.is_over:
                continue
            orders = folder.chunks()
            names = {order.name for chunk in orders for order in chunk}
            mine = {order.name for order in self._waiting if order.name in names}
            mine -= self._in_array
            if not mine:
                continue
            job = folder.job or slurm.find(_job_name(self._options, folder))
            if job is None:
                folder.end()
                continue
            folder.set_job(job)
            self._arrays[folder.name] = _Array(folder, job, orders)
            self._in_array |= mine
            n = len(mine)
            self._config.tell(f"Slurm job {job}: {n} task{'s' * (n > 1)} sent before.")

    def _send(self, orders: Sequence[TaskOrder]) -> None:
        """Submit orders that are in no array; later ones again where Slurm does not answer."""
        if not orders:
            return
        n_least = self._options.workers or AT_LEAST
        made = chunks(orders, self._config.expected_s, n_least)
        most = slurm.largest_array()
        for start in range(0, len(made), most):
            try:
                self._submit_array(made[start : start + most])
            except SlurmUnreachableError as error:
                if not self._arrays:
                    raise
                self._tell(f"Warning: {error}; it is asked again")
                return

    def _submit_array(self, made: Sequence[Sequence[TaskOrder]]) -> None:
        tasks = [order.task for chunk in made for order in chunk]
        options, wall_s = _queue_options(self._options, tasks)
        orders = HostOrders(
            tasks_folder=self._config.folder.absolute(),
            exchange=self._exchange,
            verify=self._config.verify,
            pass_env=self._config.pass_env,
            wall_s=wall_s,
        )
        folder = array_folder.make(self._exchange, orders, made)
        try:
            job = slurm.submit(
                folder.script,
                len(made),
                name=_job_name(self._options, folder),
                log=folder.log("%a"),
                n_at_a_time=self._options.workers,
                options=options,
            )
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
        """Ask the queue what goes on, and send again what died."""
        self._next_look = time.monotonic() + QUEUE_S
        alive: list[QueuedElement] = []
        for one in list(self._arrays.values()):
            try:
                found = slurm.elements(one.job)
            except SlurmUnreachableError as error:
                self._tell(f"Warning: {error}; results are collected meanwhile")
                return
            alive += found
            self._look_at(one, {element.index for element in found})
        if any(element.state != "PENDING" for element in alive):
            self._waits_since = time.monotonic()
        elif alive and time.monotonic() - self._waits_since > PATIENCE_S:
            reasons = ", ".join(sorted({element.reason for element in alive}))
            n = len(alive)
            self._tell(f"No job of {self._jobs()} has started: {n} wait, Slurm says: {reasons}")

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
        """Send what an element has left to another one; give up what killed it twice."""
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
                    self._waiting.lose(order, _last_words(array.folder.log(index)))

    def _tell(self, line: str) -> None:
        if line != self._told:
            self._told = line
            self._config.tell(line)


def _job_name(options: ClusterOptions, folder: ArrayFolder) -> str:
    """Return the name of an array in the queue, which no other array has."""
    digits = hashlib.sha256(str(folder.path).encode()).hexdigest()[:8]
    readable = "".join(c if c.isalnum() or c in "._-" else "-" for c in options.name)[:40]
    return f"bench-{readable}-{digits}"


def _queue_options(
    options: ClusterOptions, tasks: Sequence[Task]
) -> tuple[dict[str, Any], float | None]:
    """Return options of sbatch, the user's over what the tasks need, and the wall time."""
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


def _last_words(log: Path) -> str:
    """Return why a job ended before it began a task, by the last line that it has printed."""
    try:
        lines = read_end(log, TAIL_BYTES).decode(errors="replace").splitlines()
    except OSError:
        lines = []
    said = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f"its job ended before it began{f': {said}' if said else f'; see {log.parent}'}"
