"""The jobs of a campaign that wait or go on, whether somebody waits for them or not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bench.errors import BenchError
from bench.execution.cluster import array_folder, slurm


def live(exchange: Path) -> tuple[str, ...]:
    """Return a line for each array of jobs in the queue, e.g. ``Slurm job 8: 2 running``."""
    lines = []
    for array in array_folder.arrays(exchange):
        if array.is_over or array.job is None:
            continue
        try:
            found = slurm.elements(array.job)
        except BenchError as error:
            lines.append(f"Slurm job {array.job}: {error}")
            continue
        states = Counter(one.state.lower() for one in found)
        reasons = sorted({one.reason for one in found if one.state == "PENDING"} - {"None"})
        why = f" ({', '.join(reasons)})" if reasons else ""
        if states:
            counts = ", ".join(f"{n} {state}" for state, n in states.most_common())
            lines.append(f"Slurm job {array.job}: {counts}{why}")
    return tuple(lines)
