"""Dask workers on this machine, with one process for each task at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

import bench
from bench.errors import BenchError
from bench.execution.cluster.dask.job_queues import NEEDS
from bench.execution.host import linux

WORKER = "bench.execution.cluster.dask.workers"
LONGEST_START_S = 60
ARGUMENTS = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0")
"""No nanny, because it would restart the task that killed a worker. Memory is limited per task."""
LONGEST_END_S = 10.0


def serve(scheduler: str, n_workers: int, interface: str | None = None) -> int:
    """Start workers, and return 0 once all have ended with the scheduler.

    Raise BenchError if dask is not installed, or no scheduler answers.
    """
    if find_spec("distributed") is None:
        raise BenchError(f"bench worker needs: {NEEDS}")
    root = str(Path(bench.__file__).parents[1])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    words = command(scheduler, interface)
    env = {"DASK_LOGGING__DISTRIBUTED": "warning", **os.environ, "PYTHONPATH": path}
    end_too = partial(linux.die_with_parent, signal.SIGTERM, os.getpid())
    processes: list[subprocess.Popen[bytes]] = []
    before = signal.signal(signal.SIGTERM, _leave)
    try:
        for _ in range(n_workers):  # one by one, so that a signal between two ends the first
            processes += [subprocess.Popen(words, env=env, preexec_fn=end_too)]  # noqa: PLW1509
        codes = [process.wait() for process in processes]
    finally:
        _end(processes)
        signal.signal(signal.SIGTERM, before)
    if any(codes):
        raise BenchError(f"no scheduler of dask answers at {scheduler}, or it was lost")
    return 0


def command(scheduler: str, interface: str | None = None) -> list[str]:
    """Return the command that starts a worker."""
    chosen = ["--interface", interface] if interface else []
    patience = ["--death-timeout", str(LONGEST_START_S)]
    return [sys.executable, "-P", "-m", WORKER, scheduler, *ARGUMENTS, *patience, *chosen]


def main() -> None:
    """Be one worker: execute dask's own command, and print an error of it in one line.

    E.g. what dask makes of another server that listens at the address of the scheduler.
    """
    from distributed.cli import dask_worker  # noqa: PLC0415 - for clusters only

    try:
        dask_worker.main()
    except Exception as error:  # noqa: BLE001 - whatever dask raises
        said = " ".join(str(error.__cause__ or error).split())
        raise SystemExit(f"dask says: {said}") from None


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """End processes; kill those that do not end in time, or all at a second signal."""
    try:
        for process in processes:
            process.terminate()
        until = time.monotonic() + LONGEST_END_S
        for process in processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, until - time.monotonic()))
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _leave(number: int, _: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    main()
