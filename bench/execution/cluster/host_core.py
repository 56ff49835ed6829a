"""The core of a host: one of those that the scheduler gave to the job, which nobody else uses."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bench.execution.host import topology
from bench.execution.host.cores import by_preference
from bench.execution.host.leases import CoreLeases, HeldCore, lease_folder, this_process

LONGEST_WAIT_S = 60.0
POLL_S = 0.5


@dataclass(frozen=True, slots=True)
class HostCore:
    """The CPUs to which tasks are pinned, and what is amiss with them (empty: nothing)."""

    cpus: frozenset[int]
    leases: CoreLeases
    amiss: str = ""


def lease_core(purpose: str, patience_s: float = LONGEST_WAIT_S) -> HostCore:
    """Lease a core of those that this process may use; it is kept as long as this process lives.

    A scheduler that binds jobs to cores shows in the affinity of the process; where it does not,
    the jobs of a machine find different cores by their leases. Where all stay taken, one of them
    is shared, and the results say so.
    """
    cores = by_preference(topology.read())
    leases = CoreLeases(lease_folder(), this_process(purpose))
    end = time.monotonic() + patience_s
    while True:
        attempt = leases.lease(cores, 1)
        if attempt.cores:
            amiss = f"its core may be shared: {attempt.problem}" if attempt.problem else ""
            return HostCore(attempt.cores[0].cpus, leases, amiss)
        if time.monotonic() >= end:
            return HostCore(cores[0].cpus, leases, f"its core was shared with {_who(attempt.held)}")
        time.sleep(POLL_S)


def _who(held: list[HeldCore]) -> str:
    holder = held[0].holder
    return " of ".join(part for part in (holder.purpose, holder.user) if part) or "another process"
