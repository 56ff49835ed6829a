"""The waiting and running jobs of a campaign, with or without a submitter."""

from __future__ import annotations

import shlex
from collections import Counter
from pathlib import Path

from bench.errors import BenchError
from bench.execution.cluster import array_folder, slurm
from bench.execution.cluster.array_folder import ArrayFolder


def live(exchange: Path) -> tuple[str, ...]:
    """Return a line for each array of jobs in the queue, e.g. ``Slurm job 8: 2 running``."""
    lines = []
    for array in _waited_for(exchange):
        try:
            job = _number(array)
            found = slurm.elements(job) if job else []
        except BenchError as error:
            lines.append(f"Slurm job {_named(array)}: {error}")
            continue
        states = Counter(one.state.lower() for one in found)
        reasons = sorted({one.reason for one in found if one.state == "PENDING"} - {"None"})
        why = f" ({', '.join(reasons)})" if reasons else ""
        if states:
            counts = ", ".join(f"{n} {state}" for state, n in states.most_common())
            lines.append(f"Slurm job {job}: {counts}{why}")
    return tuple(lines)


def obstacle(exchange: Path) -> str:
    """Return why the folder of a campaign must stay where it is: jobs write to it; else empty.

    Jobs whose end nobody has seen are an obstacle as long as Slurm does not answer.
    """
    waited_for = _waited_for(exchange)
    try:
        numbers = [job for one in waited_for if (job := _number(one)) is not None]
        found = [job for job in numbers if slurm.elements(job)]
    except BenchError as error:
        jobs = " ".join(map(_named, waited_for))
        ended = " ".join(shlex.quote(str(one.end_mark)) for one in waited_for)
        return (
            f"Slurm may still have jobs of it ({jobs}): {error}; repeat this where Slurm answers, "
            f"or, if you know that the jobs have ended, execute first: touch {ended}"
        )
    if not found:
        return ""
    jobs = " ".join(found)
    return f"Slurm still has jobs of it; wait until they end, or end them with: scancel {jobs}"


def _waited_for(exchange: Path) -> list[ArrayFolder]:
    """Return the arrays of which no submitter has seen the end."""
    return [one for one in array_folder.arrays(exchange) if not one.is_over]


def _number(array: ArrayFolder) -> str | None:
    """Return the job number of an array, None if it is not in the queue."""
    return array.job or slurm.find(array.job_name)


def _named(array: ArrayFolder) -> str:
    return array.job or array.job_name
