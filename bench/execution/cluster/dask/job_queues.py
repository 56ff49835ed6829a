"""Job queues by name: dask workers as jobs of Slurm, PBS, LSF and others, by dask-jobqueue.

The user's options take precedence over the site's configuration (``~/.config/dask/jobqueue.yaml``);
all other values are derived from the tasks.
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
from bench.execution.request import hard_limits
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
"""The wall times that dask-jobqueue requests by default."""
USUAL_MEMORY_MIB = 2048.0
DEATH_S = 120
"""A worker that finds no scheduler for this long ends its job."""
MINE = frozenset({"processes", "nanny", "n_workers", "asynchronous"})
"""Arguments that only bench may set: a job has one worker, and --workers is the number of jobs."""
LISTS = frozenset(
    {"worker_extra_args", "job_extra_directives", "job_directives_skip", "job_script_prologue"}
)
"""Arguments that dask-jobqueue reads letter by letter if they are one text."""
NEEDS = "pip install 'scip-bench[cluster]'"


def check(queue: str) -> None:
    """Raise UsageError for an unknown queue."""
    if queue not in CLASSES:
        raise UsageError(f"unknown queue {queue!r}; known: {', '.join(sorted(CLASSES))}")


def arguments(
    queue: str, options: Mapping[str, Any], tasks: Sequence[Task], log_folder: Path
) -> tuple[dict[str, Any], float | None]:
    """Return the arguments of dask-jobqueue's class, and the wall time of a job in seconds.

    Each job has one worker, with a thread for each task at a time. Raise UsageError for options
    that only bench may set or that have another form, and for a wall time in which a task may not
    end.
    """
    import dask  # noqa: PLC0415 - for clusters only

    _check_options(options)
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
            given = f"{asked}:00" if queue == "lsf" and isinstance(asked, str) else asked
            wall_s = wall_time.parse(given, "walltime")
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
        "scheduler_options": {
            "dashboard_address": "127.0.0.1:0",
            **options.get("scheduler_options", {}),
        },
    }
    return {**chosen, **options, **fixed}, wall_s


def _check_options(options: Mapping[str, Any]) -> None:
    for name, value in options.items():
        if name in MINE:
            raise UsageError(f"queue option {name!r}: bench sets it itself")
        if name in LISTS and isinstance(value, str):
            raise UsageError(
                f"queue option {name!r}: a list is needed, such as {name}: [{value!r}]"
            )
        if name == "scheduler_options" and not isinstance(value, Mapping):
            raise UsageError(
                f"queue option {name!r}: options by their names are needed, such as {name}: "
                "{host: 10.0.0.1}"
            )


def make(queue: str, given: Mapping[str, Any]) -> Any:
    """Return a dask-jobqueue cluster without workers.

    Raise UsageError, with dask-jobqueue's message, for invalid arguments.
    """
    try:
        made = getattr(_load(), CLASSES[queue])(**given)
    except OSError as error:
        raise BenchError(f"queue {queue}: no scheduler could be started: {error}") from error
    except Exception as error:  # whatever dask-jobqueue meets as it reads a value
        said = " ".join(str(error).partition("Very likely")[0].split()).rstrip(".")
        raise UsageError(f"queue {queue}: {said}; see --queue-options") from error
    return made


def request(cluster: Any, n_jobs: int) -> None:
    """Submit more jobs; BenchError, with the queue's words, if it rejects one.

    ``scale`` of dask-jobqueue would submit them in another thread, and only log a rejection.
    """
    for _ in range(n_jobs):
        cluster.worker_spec.update(cluster.new_worker_spec())
    try:
        cluster.sync(cluster._correct_state)  # noqa: SLF001 - scale calls it unobserved
    except Exception as error:
        _forget_rejected(cluster)
        said = str(error).rpartition("stderr:")[2].strip().splitlines()
        words = "; ".join(line.strip() for line in said if line.strip())
        raise BenchError(f"the queue rejects the jobs: {words}; see --queue-options") from error


def _forget_rejected(cluster: Any) -> None:
    for name, job in list(cluster.workers.items()):
        if getattr(job, "job_id", None) is None:
            del cluster.workers[name]
            cluster.worker_spec.pop(name, None)
            cluster._created.discard(job)  # noqa: SLF001 - close expects all to have begun


def _load() -> ModuleType:
    """Import dask-jobqueue, and then restore the handler of Ctrl-C, which its import replaces."""
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
