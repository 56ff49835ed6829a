"""Where tasks are executed on this machine."""

from __future__ import annotations

from bench.cli.conduct import Manner
from bench.isolation import topology
from bench.isolation.cores import allocate, default_jobs


def manner(jobs: int | None, *, oversubscribe: bool = False, retry_failed: bool = False) -> Manner:
    """Return how tasks are executed: ``jobs`` at a time, all cores but one by default.

    Raise UsageError for more jobs than physical cores, unless they may be shared.
    """
    here = topology.read()
    n = default_jobs(here) if jobs is None else jobs
    places = allocate(here, n, oversubscribe=oversubscribe) if n else ()
    return Manner(places=places, retry_failed=retry_failed)
