"""The agent: the host that a worker starts beside itself, and feeds over a pipe.

A worker of dask executes functions in threads, often in a process that is a daemon and has a main
module of its own: none of that may be near a solver. The agent is a process with a main thread of
its own. Orders come on standard input, a line each, and reports go to standard output; what
anything prints goes to standard error. It ends with its input, and all that it executes.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from types import FrameType
from typing import BinaryIO

from bench.execution.cluster.host import Host, fits, job_name
from bench.execution.cluster.orders import HostOrders, TaskOrder, from_text
from bench.execution.cluster.spool import SpoolWriter, to_line

LEFT = b"left\n"
"""The answer to an order that does not fit into the time that is left."""
LONGEST_IDLE_S = 30.0
"""An agent without orders for so long ends, and gives its cores back: its submitter has left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSetup:
    """What an agent is started with; its job ends at ``ends_at`` (since the epoch), if at all."""

    orders: HostOrders
    solvers: tuple[str, ...]
    ends_at: float | None = None


def main() -> None:
    """Serve orders until there are no more."""
    signal.signal(signal.SIGTERM, _leave)
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    given: BinaryIO = sys.stdin.buffer
    setup = from_text(given.readline(), AgentSetup)
    lines: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_read, args=(given, lines.put), daemon=True).start()
    host = Host(setup.orders, setup.solvers, job_name())
    spool = SpoolWriter(setup.orders.exchange, f"agent-{host.name}-{os.getpid()}-{time.time_ns()}")
    while True:
        try:
            order = from_text(lines.get(timeout=LONGEST_IDLE_S), TaskOrder)
        except Empty:
            return
        if not fits(order.task, _deadline(setup)):
            answers.write(LEFT)
            continue
        report = host.execute(order)
        with suppress(OSError):  # a full disk: the answer goes to the submitter over the network
            spool.add(report)
        answers.write(to_line(report))


def _deadline(setup: AgentSetup) -> float | None:
    """Return the end of the job in monotonic seconds."""
    if setup.ends_at is None:
        return None
    return time.monotonic() + setup.ends_at - time.time()


def _read(given: BinaryIO, put: Callable[[bytes], object]) -> None:
    """Take orders as they come; at the end of the input everything ends, also a task at hand."""
    for line in given:
        put(line)
    os.kill(os.getpid(), signal.SIGTERM)


def _leave(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    main()
