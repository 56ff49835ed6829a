"""The cores of a host: some of the job's cores that no other process uses."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bench.execution.host import topology
from bench.execution.host.cores import by_preference
from bench.execution.host.leases import CoreLeases, HeldCore, lease_folder, this_process

LONGEST_WAIT_S = 60.0
POLL_S = 0.5


@dataclass(frozen=True, slots=True)
class HostCores:
    """The CPUs to which tasks are pinned, and the problem with them (empty: none)."""

    cpus: frozenset[int]
    leases: CoreLeases
    amiss: str = ""


def n_cores() -> int:
    """Return how many physical cores this process may use."""
    return len(topology.read().cores)


def lease_cores(purpose: str, n: int = 1, patience_s: float = LONGEST_WAIT_S) -> HostCores:
    """Lease this many of the cores of this process, until it ends or releases them.

    If a scheduler binds jobs to cores, the affinity of the process shows it; otherwise the leases
    give the jobs of a machine different cores. If too few are free, some are shared, and the
    results say so.
    """
    cores = by_preference(topology.read())
    leases = CoreLeases(lease_folder(), this_process(purpose))
    end = time.monotonic() + patience_s
    while True:
        attempt = leases.lease(cores, n)
        if len(attempt.cores) >= n:
            amiss = f"its core may be shared: {attempt.problem}" if attempt.problem else ""
            return HostCores(_cpus(attempt.cores), leases, amiss)
        if time.monotonic() >= end:
            used = [*attempt.cores, *(core for core in cores if core not in attempt.cores)][:n]
            return HostCores(_cpus(used), leases, f"its core was shared with {_who(attempt.held)}")
        leases.release()
        time.sleep(POLL_S)


def _cpus(cores: list[topology.Core]) -> frozenset[int]:
    return frozenset[int]().union(*(core.cpus for core in cores))


def _who(held: list[HeldCore]) -> str:
    if not held:
        return "another process"
    holder = held[0].holder
    return " of ".join(part for part in (holder.purpose, holder.user) if part) or "another process"
