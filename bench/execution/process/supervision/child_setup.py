"""The common setup of a task's processes after their fork."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import tempfile

from bench.execution.host import linux
from bench.execution.process.environment import restrict_environment
from bench.execution.request import ExecutionRequest


def setup_child(request: ExecutionRequest, output: int, parent: int) -> None:
    """Set up this forked process: its cores, its temporary files, and dying with its parent.

    Its output goes to the file descriptor ``output``. It gets default signal handlers and the
    environment variables of tasks.
    """
    os.setsid()
    linux.die_with_parent(signal.SIGKILL, parent)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.dup2(output, 1)
    os.dup2(output, 2)
    linux.pin(request.cores)
    restrict_environment(request.pass_env)
    os.environ["TMPDIR"] = tempfile.tempdir = str(request.scratch)
    linux.reset_peak_memory()


def set_limits(memory_mib: float | None, cpu_s: float | None = None) -> None:
    """Set kernel limits: memory (RLIMIT_DATA) and CPU seconds of the process; no core dumps.

    Tighter existing limits are kept.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory_mib is not None:
        _lower(resource.RLIMIT_DATA, int(memory_mib * 2**20))
    if cpu_s is not None:
        _lower(resource.RLIMIT_CPU, int(cpu_s) + 1)


def _lower(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (value, hard))
