"""Cores for tasks: one whole physical core each, spread over the machine as BenchExec does.

Memory follows by itself: Linux gives a pinned process memory of the NUMA node it runs on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreRequest:
    """The cores that a campaign may use, the best first, and how many of them it takes.

    It takes ``n_most`` where they are free, and is content with ``n_least``; ``n_spare`` free ones
    are left to the system. ``jobs`` is how many tasks at a time were asked for, None is one for
    each core that it gets.
    """

    cores: tuple[Core, ...]
    jobs: int | None
    n_least: int
    n_most: int
    n_spare: int

    def slots(self, cores: Sequence[Core] = ()) -> tuple[frozenset[int], ...]:
        """Return the CPUs of each task at a time, in turn over the cores, or over the best."""
        used = cores or self.cores[: self.n_most]
        return tuple(used[at % len(used)].cpus for at in range(self.jobs or len(used)))


def request(
    topology: Topology, jobs: int | None = None, *, oversubscribe: bool = False
) -> CoreRequest:
    """Return what so many tasks at a time take: one physical core each.

    No core is given twice, unless ``oversubscribe`` says so and there are more jobs than cores.
    Slower kinds of cores come last, and in each place the first CPU, which serves interrupts.
    UsageError if there are too few cores.
    """
    n_cores = len(topology.cores)
    if jobs is not None and jobs < 1:
        raise UsageError(f"--jobs {jobs}: at least one task at a time")
    if jobs is not None and jobs > n_cores and not oversubscribe:
        plural = "" if n_cores == 1 else "s"
        raise UsageError(
            f"--jobs {jobs}: only {n_cores} physical core{plural} to use; give --jobs {n_cores} "
            "or less, or let tasks share cores with --oversubscribe (their times then vary)"
        )
    n_most = default_jobs(topology) if jobs is None else min(jobs, n_cores)
    return CoreRequest(
        cores=tuple(by_preference(topology)),
        jobs=jobs,
        n_least=1 if jobs is None else n_most,
        n_most=n_most,
        n_spare=1 if jobs is None and n_cores > 1 else 0,
    )


def allocate(
    topology: Topology, jobs: int, *, oversubscribe: bool = False
) -> tuple[frozenset[int], ...]:
    """Return for each of ``jobs`` tasks at a time the CPUs it is pinned to, as if all were free.

    An empty set means that this task cannot be pinned. UsageError as for `request`.
    """
    return request(topology, jobs, oversubscribe=oversubscribe).slots()


def by_preference(topology: Topology) -> list[Core]:
    """Return all cores in the order in which they are given to jobs."""
    return [
        core
        for capacity in sorted({core.capacity for core in topology.cores}, reverse=True)
        for core in _spread([c for c in topology.cores if c.capacity == capacity], LEVELS)
    ]


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
