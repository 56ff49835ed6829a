"""The state of the jobs that dask-jobqueue has submitted to a queue."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.execution.process.task_files import read_end

COMMANDS: Mapping[str, Sequence[str]] = {
    "slurm": ("squeue", "--noheader", "--format=%i %T %r", "--jobs"),
    "pbs": ("qstat",),
    "lsf": ("bjobs",),
    "oar": ("oarstat", "-j"),
    "htcondor": ("condor_q",),
}
"""The commands that list the jobs of a queue; the job numbers follow."""
JOINED = frozenset({"slurm"})
"""Queues that take the job numbers as one argument, separated by commas."""
LONGEST_S = 30.0
TAIL_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """The queue's message in one line, the number of jobs (None: unknown), and their output."""

    said: str
    n_jobs: int | None = None
    last_words: str = ""


def queue_state(queue: str, cluster: Any, log_folder: Path) -> QueueState:
    """Query the queue for the jobs of a cluster, which write their output to this folder."""
    numbers = [str(one.job_id) for one in cluster.workers.values() if getattr(one, "job_id", None)]
    if not numbers:
        return QueueState(said="no job was submitted", last_words=_last_words(log_folder))
    if queue not in COMMANDS:
        return QueueState(said=f"it has jobs {', '.join(numbers)}")
    asked = [",".join(numbers)] if queue in JOINED else numbers
    try:
        done = subprocess.run(
            [*COMMANDS[queue], *asked],
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return QueueState(said=str(error))
    lines = [" ".join(line.split()) for line in (done.stdout or done.stderr).splitlines()]
    listed = [line for line in lines if any(number in line for number in numbers)]
    n_jobs = len(listed) if queue == "slurm" else None
    said = "; ".join((listed or lines)[:3]) or "it no longer has any of the jobs"
    return QueueState(said=said, n_jobs=n_jobs, last_words=_last_words(log_folder))


def _last_words(log_folder: Path) -> str:
    """Return the last output line of a job, empty if there is none."""
    with suppress(OSError, IndexError):
        logs = sorted(log_folder.iterdir(), key=lambda path: path.stat().st_mtime)
        lines = read_end(logs[-1], TAIL_BYTES).decode(errors="replace").splitlines()
        return next((line.strip()[:200] for line in reversed(lines) if line.strip()), "")
    return ""
