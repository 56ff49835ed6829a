"""Where and how tasks are executed on this machine."""

from __future__ import annotations

from bench.cli.conduct import Manner
from bench.isolation import cgroup, topology
from bench.isolation.abilities import abilities
from bench.isolation.cores import allocate, default_jobs


def places(jobs: int | None, *, oversubscribe: bool = False) -> tuple[frozenset[int], ...]:
    """Return the cores of each task at a time: ``jobs`` of them, all cores but one by default.

    Raise UsageError for more jobs than physical cores, unless they may be shared.
    """
    here = topology.read()
    n = default_jobs(here) if jobs is None else jobs
    return allocate(here, n, oversubscribe=oversubscribe) if n else ()


def manner(jobs: int | None, *, oversubscribe: bool = False, retry_failed: bool = False) -> Manner:
    """Return how tasks are executed, with all that this machine offers for it."""
    found = places(jobs, oversubscribe=oversubscribe)
    delegation, _ = cgroup.find()
    if delegation is not None and delegation.prepare():
        delegation = None
    return Manner(
        places=found, facts=abilities().tags(), delegation=delegation, retry_failed=retry_failed
    )
