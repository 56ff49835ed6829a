"""An element of a job array: executes its chunk of tasks, and saves the outcomes.

The script of the array runs ``python -m bench.execution.cluster.array_element FOLDER INDEX``.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from bench.execution.cluster import array_folder, claims
from bench.execution.cluster.begun_pairs import begun_pairs, machine_of
from bench.execution.cluster.host import Host, job_name
from bench.execution.cluster.orders import TaskOrder
from bench.execution.cluster.spool import SpoolReader, SpoolWriter
from bench.execution.cluster.wall_time import orders_that_fit
from bench.execution.pairs import Machine, pair_of
from bench.journal import provenance


def main(folder: str, index: str) -> int:
    """Execute a chunk; tasks that do not fit into the time of the job are left to another one."""
    began = time.time()
    signal.signal(signal.SIGTERM, _leave)
    array = array_folder.read(Path(folder))
    orders = array.orders
    chunk = array.chunk(int(index))
    own = own_pairs(chunk, orders.exchange) if _is_restarted() else chunk
    host = Host(orders, [one.task.setting.solver for one in chunk], job_name())
    spool = SpoolWriter(orders.exchange, f"{array.name}-{index}-{host.name}-{os.getpid()}")
    n = 0
    for order in orders_that_fit(own, orders.wall_s, began):
        report = host.execute(order)
        if report.fault is not None:  # the rest is left to another element, perhaps elsewhere
            sys.stderr.write(f"{report.fault}\n")
            return 1
        try:
            spool.add(report)
        except OSError:
            claims.forget(orders.exchange, order)
            raise
        n += 1
    if n < len(own):
        sys.stderr.write("the other tasks do not fit into the wall time of this job\n")
    if len(own) < len(chunk):
        sys.stderr.write("the other tasks are of pairs that another class of machine began\n")
    return 0


def _is_restarted() -> bool:
    """Return whether Slurm executes this job again, e.g. after a preemption."""
    return os.environ.get("SLURM_RESTART_COUNT", "0") != "0"


def own_pairs(chunk: Sequence[TaskOrder], exchange: Path) -> list[TaskOrder]:
    """Return the orders of pairs that no other class of machine has begun."""
    mine = Machine(provenance.machine(), provenance.machine_class())
    tasks = {order.name: order.task for order in chunk}
    begun = begun_pairs(
        (tasks[report.order], machine_of(report.executed.execution))
        for report in SpoolReader(exchange).new()
        if report.order in tasks and report.executed is not None
    )
    return [one for one in chunk if begun.get(pair_of(one.task), mine).is_like(mine)]


def _leave(number: int, _: FrameType | None) -> None:
    """End at the request of the queue, with all processes of the current task."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except OSError as error:
        sys.exit(f"{error.filename or 'the shared folder'}: {error.strerror}")
