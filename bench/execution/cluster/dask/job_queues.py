"""Job queues by name: workers of dask as jobs of Slurm, PBS, LSF and others, by dask-jobqueue.

The site's own configuration (``~/.config/dask/jobqueue.yaml``) counts, the user's options go over
it, and what neither says follows from the tasks.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import bench
from bench.errors import BenchError, UsageError
from bench.execution.cluster import wall_time
from bench.execution.cluster.host import OVERHEAD_MIB
from bench.execution.process.request import hard_limits
from bench.model.task import Task

CLASSES = {
    "slurm": "SLURMCluster",
    "pbs": "PBSCluster",
    "lsf": "LSFCluster",
    "sge": "SGECluster",
    "oar": "OARCluster",
    "moab": "MoabCluster",
    "htcondor": "HTCondorCluster",
}
WITHOUT_WALL_TIME = frozenset({"htcondor"})
PACKAGED_WALL_TIMES = frozenset({"00:30:00", "00:30"})
"""What dask-jobqueue asks for where a site says nothing."""
USUAL_MEMORY_MIB = 2048.0
DEATH_S = 120
"""A worker that finds no scheduler for so long ends its job."""
NEEDS = "pip install 'scip-bench[cluster]'"


def check(queue: str) -> None:
    """Raise UsageError for the name of a queue that is unknown."""
    if queue not in CLASSES:
        raise UsageError(f"queue {queue!r}: there are {', '.join(sorted(CLASSES))}")


def arguments(
    queue: str, options: Mapping[str, Any], tasks: Sequence[Task], log_folder: Path
) -> tuple[dict[str, Any], float | None]:
    """Return the arguments of dask-jobqueue's class, and the wall time of a job in seconds.

    One worker a job, with a thread for a task at a time. UsageError for a wall time in which a task
    may not end.
    """
    import dask  # noqa: PLC0415 - for clusters only

    _load()

    def site(name: str) -> Any:
        return dask.config.get(f"jobqueue.{queue}.{name}", None)

    threads = max(task.limits.threads or 1 for task in tasks)
    chosen: dict[str, Any] = {"log_directory": str(log_folder)}
    if site("cores") is None:
        chosen["cores"] = threads
    if site("memory") is None:
        memory = [hard_limits(task.limits).memory_mib or USUAL_MEMORY_MIB for task in tasks]
        chosen["memory"] = f"{max(memory) + OVERHEAD_MIB:.0f} MiB"
    if site("python") is None:
        chosen["python"] = f"{sys.executable} -P"
    wall_s = None
    if queue not in WITHOUT_WALL_TIME:
        asked = options.get("walltime", _unless_packaged(site("walltime")))
        if asked is None:
            wall_s = wall_time.usual_s(tasks)
            chosen["walltime"] = None if wall_s is None else _wall_text(queue, wall_s)
        else:
            wall_s = wall_time.parse(asked) if queue != "lsf" else wall_time.parse(f"{asked}:00")
            wall_time.check(tasks, wall_s, str(asked))
    fixed = {
        "processes": 1,
        "nanny": False,
        "death_timeout": options.get("death_timeout", DEATH_S),
        "worker_extra_args": [
            *("--nthreads", "1", "--memory-limit", "0", "--no-dashboard"),
            *options.get("worker_extra_args", site("worker-extra-args") or ()),
        ],
        "job_script_prologue": [
            f"export PYTHONPATH={Path(bench.__file__).parents[1]}${{PYTHONPATH:+:$PYTHONPATH}}",
            *options.get("job_script_prologue", site("job-script-prologue") or ()),
        ],
        "scheduler_options": {"dashboard_address": None, **options.get("scheduler_options", {})},
    }
    return {**chosen, **options, **fixed}, wall_s


def make(queue: str, given: Mapping[str, Any]) -> Any:
    """Return a cluster of dask-jobqueue without any workers yet.

    UsageError, with its words, for arguments that it does not take.
    """
    try:
        made = getattr(_load(), CLASSES[queue])(**given)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"queue {queue}: {' '.join(str(error).split())}; see --queue-options"
        ) from error
    except OSError as error:
        raise BenchError(f"queue {queue}: no scheduler could be started: {error}") from error
    return made


def _load() -> ModuleType:
    """Import dask-jobqueue, which takes Ctrl-C for itself while it is imported; give it back."""
    before = signal.getsignal(signal.SIGINT)
    try:
        return import_module("dask_jobqueue")
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)


def _unless_packaged(value: Any) -> Any:
    return None if value in PACKAGED_WALL_TIMES else value


def _wall_text(queue: str, seconds: float) -> str:
    text = wall_time.text(seconds)
    return text.removesuffix(":00") if queue == "lsf" else text
