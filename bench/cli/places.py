"""Where and how tasks are executed on this machine."""

from __future__ import annotations

from bench.cli.conduct import Manner
from bench.isolation import cgroup, topology
from bench.isolation.abilities import abilities
from bench.isolation.cores import allocate, default_jobs


def manner(jobs: int | None, *, oversubscribe: bool = False, retry_failed: bool = False) -> Manner:
    """Return how tasks are executed: ``jobs`` at a time, all cores but one by default.

    Raise UsageError for more jobs than physical cores, unless they may be shared.
    """
    here = topology.read()
    n = default_jobs(here) if jobs is None else jobs
    places = allocate(here, n, oversubscribe=oversubscribe) if n else ()
    delegation, _ = cgroup.find()
    if delegation is not None and delegation.prepare():
        delegation = None
    return Manner(
        places=places, facts=abilities().tags(), delegation=delegation, retry_failed=retry_failed
    )
