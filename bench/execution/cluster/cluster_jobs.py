"""The waiting and running jobs of a campaign, with or without a submitter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bench.errors import BenchError
from bench.execution.cluster import array_folder, slurm


def live(exchange: Path) -> tuple[str, ...]:
    """Return a line for each array of jobs in the queue, e.g. ``Slurm job 8: 2 running``."""
    lines = []
    for job in _waited_for(exchange):
        try:
            found = slurm.elements(job)
        except BenchError as error:
            lines.append(f"Slurm job {job}: {error}")
            continue
        states = Counter(one.state.lower() for one in found)
        reasons = sorted({one.reason for one in found if one.state == "PENDING"} - {"None"})
        why = f" ({', '.join(reasons)})" if reasons else ""
        if states:
            counts = ", ".join(f"{n} {state}" for state, n in states.most_common())
            lines.append(f"Slurm job {job}: {counts}{why}")
    return tuple(lines)


def obstacle(exchange: Path) -> str:
    """Return why the folder of a campaign must stay where it is: jobs write to it; else empty."""
    found = []
    for job in _waited_for(exchange):
        with suppress(BenchError):
            found += [job] if slurm.elements(job) else []
    if not found:
        return ""
    jobs = " ".join(found)
    return f"Slurm still has jobs of it; wait until they end, or end them with: scancel {jobs}"


def _waited_for(exchange: Path) -> Iterator[str]:
    """Yield the numbers of the arrays of which no submitter has seen the end."""
    for array in array_folder.arrays(exchange):
        if not array.is_over and array.job is not None:
            yield array.job
