"""Cores for tasks: a whole physical core for each thread, spread over the machine.

The distribution follows BenchExec. Memory needs no setting: Linux gives a pinned process memory of
its NUMA node.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from bench.errors import UsageError
from bench.execution.host.topology import Core, Topology

LEVELS = ("package", "node", "cache")
"""The resources that tasks share, from the widest; tasks are distributed evenly over each."""


def default_jobs(topology: Topology, threads: int = 1) -> int:
    """Return the default number of tasks at a time: a core is left to the system and to bench.

    Each task takes a core for each of its threads. A CPU quota counts as the same number of cores.
    """
    n_cores = len(topology.cores)
    return max(1, (int(min(n_cores, topology.quota_cpus or n_cores)) - 1) // threads)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreRequest:
    """The cores that a campaign may use, the best first, and the number of cores that it takes.

    It takes ``n_most`` if they are free, but at least ``n_least``; ``n_spare`` free cores are left
    to the system. ``jobs`` is the requested number of tasks at a time; None means as many as its
    cores suffice for. Each task takes a core for each of its ``threads``.
    """

    cores: tuple[Core, ...]
    jobs: int | None
    n_least: int
    n_most: int
    n_spare: int
    threads: int = 1

    def slots(self, cores: Sequence[Core] = ()) -> tuple[frozenset[int], ...]:
        """Return the CPUs of each simultaneous task, in turn over the cores (default: the best)."""
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
    """Return the cores for this many tasks at a time: a physical core for each of their threads.

    No core is used twice, unless ``oversubscribe`` is set and there are more jobs than cores.
    Slower kinds of cores come last, and so does the first CPU of each place, which serves
    interrupts. Raise UsageError if there are too few cores.
    """
    n_cores = len(topology.cores)
    if jobs is not None and jobs < 1:
        raise UsageError(f"--jobs {jobs}: expected at least 1")
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
    """Raise UsageError if a task has more threads than the machine has usable cores."""
    n_cores = len(topology.cores)
    if threads > n_cores:
        raise UsageError(
            f"--threads {threads}: only {_cores(n_cores)} can be used, and each thread takes one; "
            f"give --threads {n_cores} or less, or let threads share cores with --oversubscribe "
            "(times then vary)"
        )


def _check(n_cores: int, jobs: int | None, threads: int) -> None:
    """Raise UsageError if there are too few cores for this many tasks at a time."""
    if jobs is None or jobs * threads <= n_cores:
        return
    most = n_cores // threads
    each = "" if threads == 1 else f", and a task of {threads} threads takes {threads}"
    raise UsageError(
        f"--jobs {jobs}: only {_cores(n_cores)} can be used{each}; give --jobs {most} "
        "or less, or let tasks share cores with --oversubscribe (their times then vary)"
    )


def _cores(n: int) -> str:
    return f"{n} physical core{'' if n == 1 else 's'}"


def allocate(
    topology: Topology, jobs: int, *, oversubscribe: bool = False
) -> tuple[frozenset[int], ...]:
    """Return the CPUs of each of ``jobs`` tasks at a time, as if all were free.

    An empty set means that this task cannot be pinned. Raise UsageError as `request` does.
    """
    return request(topology, jobs, oversubscribe=oversubscribe).slots()


def by_preference(topology: Topology) -> list[Core]:
    """Return all cores in the order in which jobs get them."""
    return [
        core
        for capacity in sorted({core.capacity for core in topology.cores}, reverse=True)
        for core in _spread([c for c in topology.cores if c.capacity == capacity], LEVELS)
    ]


def _spread(cores: Sequence[Core], levels: Sequence[str]) -> list[Core]:
    """Return the cores in an order in which each beginning is spread evenly over the levels."""
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
