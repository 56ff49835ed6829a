"""The agent: a host that a dask worker starts as a separate process and feeds over a pipe.

A dask worker executes functions in threads, often in a daemon process with a main module of its
own. A solver must run in none of these. The agent is a process with a main thread of its own. It
reads orders from standard input, one per line, and writes reports to standard output; all other
output goes to standard error. When its input ends, it stops its current task and ends.
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

from bench.execution.cluster.host import Host, job_name
from bench.execution.cluster.orders import HostOrders, TaskOrder, from_text
from bench.execution.cluster.spool import SpoolWriter, to_line

LONGEST_IDLE_S = 30.0
"""An agent without orders for this long ends and releases its cores, because its submitter has
gone.
"""
LEFT_IDLE = 3
"""The exit code of an agent that got no order for so long; it has executed all that it read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSetup:
    """The arguments of an agent.

    ``submitter`` is the machine that sends the orders, ``bench_digest`` that of its source files.
    """

    orders: HostOrders
    solvers: tuple[str, ...]
    submitter: str = ""
    bench_digest: str = ""

    @property
    def campaign(self) -> str:
        """The identity of a campaign among all that a worker executes."""
        return f"{self.submitter}{self.orders.exchange}"


def main() -> None:
    """Serve orders until the input ends.

    The input has a file object of its own: Python aborts if it closes ``sys.stdin`` at its end
    while a thread reads from it.
    """
    signal.signal(signal.SIGTERM, _leave)
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    given: BinaryIO = os.fdopen(os.dup(0), "rb")
    setup = from_text(given.readline(), AgentSetup)
    lines: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_read, args=(given, lines.put), daemon=True).start()
    host = Host(setup.orders, setup.solvers, job_name())
    spool: SpoolWriter | None = None
    name = f"agent-{host.name}-{os.getpid()}-{time.time_ns()}"
    while True:
        try:
            order = from_text(lines.get(timeout=LONGEST_IDLE_S), TaskOrder)
        except Empty:
            sys.exit(LEFT_IDLE)
        report = host.execute(order)
        if report.fault is None:
            with suppress(OSError):  # a full disk: the answer goes over the network
                spool = spool or SpoolWriter(setup.orders.exchange, name)
                spool.add(report)
        answers.write(to_line(report))


def _read(given: BinaryIO, put: Callable[[bytes], object]) -> None:
    """Read orders as they arrive; at the end of the input, end with the current task."""
    for line in given:
        put(line)
    os.kill(os.getpid(), signal.SIGTERM)


def _leave(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    main()
