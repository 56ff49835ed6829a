"""Cores for tasks: a whole physical core for each thread, spread over the machine.

They are spread as BenchExec does. Memory follows by itself: Linux gives a pinned
process memory of the NUMA node it runs on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from bench.errors import UsageError
from bench.execution.host.topology import Core, Topology

LEVELS = ("package", "node", "cache")
"""What tasks share, from the widest: they are spread over each of them as evenly as can be."""


def default_jobs(topology: Topology, threads: int = 1) -> int:
    """Return how many tasks to execute at a time: a core is left to the system and to bench.

    Each takes a core for each of its threads. A CPU quota counts like so many cores.
    """
    n_cores = len(topology.cores)
    return max(1, (int(min(n_cores, topology.quota_cpus or n_cores)) - 1) // threads)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreRequest:
    """The cores that a campaign may use, the best first, and how many of them it takes.

    It takes ``n_most`` where they are free, and is content with ``n_least``; ``n_spare`` free ones
    are left to the system. ``jobs`` is how many tasks at a time were asked for, None is as many as
    the cores that it gets are enough for. Each task takes a core for each of its ``threads``.
    """

    cores: tuple[Core, ...]
    jobs: int | None
    n_least: int
    n_most: int
    n_spare: int
    threads: int = 1

    def slots(self, cores: Sequence[Core] = ()) -> tuple[frozenset[int], ...]:
        """Return the CPUs of each task at a time, in turn over the cores, or over the best."""
        used = cores or self.cores[: self.n_most]
        jobs = self.jobs or max(1, len(used) // self.threads)
        numbers = range(self.threads)
        return tuple(
            frozenset[int]().union(
                *(used[(at * self.threads + thread) % len(used)].cpus for thread in numbers)
            )
            for at in range(jobs)
        )


def request(
    topology: Topology, jobs: int | None = None, *, threads: int = 1, oversubscribe: bool = False
) -> CoreRequest:
    """Return what so many tasks at a time take: a physical core for each of their threads.

    No core is given twice, unless ``oversubscribe`` says so and there are more jobs than cores.
    Slower kinds of cores come last, and in each place the first CPU, which serves interrupts.
    UsageError if there are too few cores.
    """
    n_cores = len(topology.cores)
    if jobs is not None and jobs < 1:
        raise UsageError(f"--jobs {jobs}: at least one task at a time")
    if not oversubscribe:
        check_machine(topology, threads)
        _check(n_cores, jobs, threads)
    n_most = min((default_jobs(topology, threads) if jobs is None else jobs) * threads, n_cores)
    return CoreRequest(
        cores=tuple(by_preference(topology)),
        jobs=jobs,
        n_least=min(threads, n_cores) if jobs is None else n_most,
        n_most=n_most,
        n_spare=1 if jobs is None and n_cores > n_most else 0,
        threads=threads,
    )


def check_machine(topology: Topology, threads: int) -> None:
    """Raise UsageError where a task has more threads than the machine has cores to use."""
    n_cores = len(topology.cores)
    if threads > n_cores:
        raise UsageError(
            f"--threads {threads}: only {_cores(n_cores)} to use, and each thread takes one; give "
            f"--threads {n_cores} or less, or let threads share cores with --oversubscribe (times "
            "then vary)"
        )


def _check(n_cores: int, jobs: int | None, threads: int) -> None:
    """Raise UsageError where there are too few cores for so many tasks at a time."""
    if jobs is None or jobs * threads <= n_cores:
        return
    most = n_cores // threads
    each = "" if threads == 1 else f", and a task of {threads} threads takes {threads}"
    raise UsageError(
        f"--jobs {jobs}: only {_cores(n_cores)} to use{each}; give --jobs {most} "
        "or less, or let tasks share cores with --oversubscribe (their times then vary)"
    )


def _cores(n: int) -> str:
    return f"{n} physical core{'' if n == 1 else 's'}"


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
