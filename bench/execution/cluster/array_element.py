"""An element of an array of jobs: executes its chunk of tasks, and leaves what came out.

``python -m bench.execution.cluster.array_element FOLDER INDEX``, by the script of the array.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from bench.execution.cluster import array_folder
from bench.execution.cluster.host import Host, fits, job_name
from bench.execution.cluster.spool import SpoolWriter
from bench.execution.cluster.wall_time import SPARE_S


def main(folder: str, index: str) -> int:
    """Execute a chunk; what does not fit into the time of the job is left to another one."""
    began = time.monotonic()
    signal.signal(signal.SIGTERM, _leave)
    array = array_folder.read(Path(folder))
    chunk = array.chunk(int(index))
    orders = array.orders
    deadline = None if orders.wall_s is None else began + orders.wall_s - SPARE_S
    host = Host(orders, [one.task.setting.solver for one in chunk], job_name())
    spool = SpoolWriter(orders.exchange, f"{array.name}-{index}-{host.name}-{os.getpid()}")
    for order in chunk:
        if not fits(order.task, deadline):
            sys.stderr.write("the rest does not fit into the time of this job\n")
            break
        spool.add(host.execute(order))
    return 0


def _leave(number: int, _: FrameType | None) -> None:
    """End at the request of the queue, with all processes of the task at hand."""
    raise SystemExit(128 + number)


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except OSError as error:
        sys.exit(f"{error.filename or 'the shared folder'}: {error.strerror}")
