"""Workers of dask on this machine: a process for each task at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

import bench
from bench.errors import BenchError
from bench.execution.cluster.dask.job_queues import NEEDS

WORKER = "distributed.cli.dask_worker"
LONGEST_START_S = 60
ARGUMENTS = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0")
"""No nanny: it would begin again what has killed a worker. Memory is limited for each task."""
LONGEST_END_S = 10.0


def serve(scheduler: str, n_workers: int, interface: str | None = None) -> int:
    """Start workers, and return 0 once all have ended, as the scheduler has.

    BenchError where dask is not installed, or no scheduler answers.
    """
    if find_spec("distributed") is None:
        raise BenchError(f"bench worker needs: {NEEDS}")
    root = str(Path(bench.__file__).parents[1])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    words = command(scheduler, interface)
    env = {"DASK_LOGGING__DISTRIBUTED": "warning", **os.environ, "PYTHONPATH": path}
    processes = [subprocess.Popen(words, env=env) for _ in range(n_workers)]
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        codes = [process.wait() for process in processes]
    finally:
        signal.signal(signal.SIGTERM, before)
        _end(processes)
    if any(codes):
        raise BenchError(f"no scheduler of dask answers at {scheduler}, or it was lost")
    return 0


def command(scheduler: str, interface: str | None = None) -> list[str]:
    """Return the words that start a worker."""
    chosen = ["--interface", interface] if interface else []
    patience = ["--death-timeout", str(LONGEST_START_S)]
    return [sys.executable, "-P", "-m", WORKER, scheduler, *ARGUMENTS, *patience, *chosen]


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        try:
            process.wait(LONGEST_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _leave(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)
