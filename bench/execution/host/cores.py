"""Cores for tasks: one whole physical core each, spread over the machine as BenchExec does.

Memory follows by itself: Linux gives a pinned process memory of the NUMA node it runs on.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, zip_longest

from bench.errors import UsageError
from bench.execution.host.topology import Core, Topology

LEVELS = ("package", "node", "cache")
"""What tasks share, from the widest: they are spread over each of them as evenly as can be."""


def default_jobs(topology: Topology) -> int:
    """Return how many tasks to execute at a time: a core is left to the system and to bench.

    A CPU quota counts like so many cores.
    """
    n_cores = len(topology.cores)
    return max(1, int(min(n_cores, topology.quota_cpus or n_cores)) - 1)


def allocate(
    topology: Topology, jobs: int, *, oversubscribe: bool = False
) -> tuple[frozenset[int], ...]:
    """Return for each of ``jobs`` tasks at a time the CPUs it is pinned to: one physical core.

    No core is given twice, unless ``oversubscribe`` says so and there are more jobs than cores.
    Slower kinds of cores come last, and in each place the first CPU, which serves interrupts.
    An empty set means that this task cannot be pinned. UsageError if there are too few cores.
    """
    n_cores = len(topology.cores)
    if jobs < 1:
        raise UsageError(f"--jobs {jobs}: at least one task at a time")
    if jobs > n_cores and not oversubscribe:
        plural = "" if n_cores == 1 else "s"
        raise UsageError(
            f"--jobs {jobs}: only {n_cores} physical core{plural} to use; give --jobs {n_cores} "
            "or less, or let tasks share cores with --oversubscribe (their times then vary)"
        )
    order = [
        core
        for capacity in sorted({core.capacity for core in topology.cores}, reverse=True)
        for core in _spread([c for c in topology.cores if c.capacity == capacity], LEVELS)
    ]
    return tuple(order[i % n_cores].cpus for i in range(jobs))


def _spread(cores: Sequence[Core], levels: Sequence[str]) -> list[Core]:
    """Return the cores so that each beginning of the list is spread evenly over the levels."""
    if not levels:
        return sorted(cores, key=_late)
    places: dict[int, list[Core]] = {}
    for core in cores:
        places.setdefault(getattr(core, levels[0]), []).append(core)
    groups = [_spread(place, levels[1:]) for place in places.values()]
    groups.sort(key=lambda group: (-len(group), max(map(_late, group))))
    turns = zip_longest(*groups)
    return [core for core in chain.from_iterable(turns) if core is not None]


def _late(core: Core) -> tuple[bool, int]:
    first = min(core.cpus, default=0)
    return first == 0, first
