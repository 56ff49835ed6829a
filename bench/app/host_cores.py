"""The cores of this machine, and the processes that have leased them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bench.errors import BenchError
from bench.execution.host import topology
from bench.execution.host.leases import HeldCore, held_cores, lease_folder, number_of


@dataclass(frozen=True, slots=True, kw_only=True)
class HostCores:
    """The CPUs of each core that this process may use, by its number, and the leased cores.

    ``folder`` contains the leases.
    """

    folder: Path
    cpus: dict[int, frozenset[int]]
    held: tuple[HeldCore, ...]


def host_cores() -> HostCores:
    """Return the leased cores and their holders; BenchError if the leases are unreadable."""
    folder = lease_folder()
    cores = [core for core in topology.read().cores if core.cpus]
    try:
        held = held_cores(folder)
    except OSError as error:
        raise BenchError(
            f"{folder}: cannot be read: {error.strerror}; therefore it is unknown which process "
            "uses which cores"
        ) from error
    return HostCores(
        folder=folder, cpus={number_of(core): core.cpus for core in cores}, held=tuple(held)
    )
