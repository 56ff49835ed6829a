"""The topology: the physical cores that this process may use, and how they are connected."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.execution.host.quota import quota_cpus

ROOT = Path("/")
FULL_CAPACITY = 1024
"""Linux's capacity of the fastest cores of a machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """A physical core, with the hardware threads that this process may use.

    ``cpus`` is empty if the system does not report which threads belong together, or does not allow
    pinning. ``n_threads`` also counts threads that other processes use. ``cache`` is the first of
    the CPUs that share the last cache. ``capacity`` is 1024 for the fastest kind of core.
    ``number`` is the number of its first hardware thread, which is the same for every process of
    the machine; None means the first of ``cpus``.
    """

    cpus: frozenset[int]
    number: int | None = field(default=None, compare=False)
    n_threads: int = 1
    package: int = 0
    node: int = 0
    cache: int = 0
    capacity: int = FULL_CAPACITY


@dataclass(frozen=True, slots=True)
class Topology:
    """The physical cores with at least one usable thread for this process, by their first CPU.

    ``source`` is ``sysfs`` or, with numbers only, ``psutil``. ``quota_cpus`` is how many CPUs'
    worth of time this process and its neighbours have, None for no limit.
    """

    cores: tuple[Core, ...]
    source: str
    quota_cpus: float | None = None

    @property
    def doubts(self) -> tuple[str, ...]:
        """Reasons why tasks on different cores might be treated differently; empty if none."""
        cores = self.cores
        doubts = []
        if not all(core.cpus for core in cores):
            doubts.append("it is not known which threads make up a core: tasks are not pinned")
        if any(core.cpus and len(core.cpus) < core.n_threads for core in cores):
            doubts.append("some cores are shared: this process may not use their other threads")
        if len({core.n_threads for core in cores}) > 1 or len({c.capacity for c in cores}) > 1:
            doubts.append("the cores are of different kinds: times on them are not comparable")
        sizes = {sum(core.node == node for core in cores) for node in {c.node for c in cores}}
        if len(sizes) > 1:
            doubts.append("the NUMA nodes have different numbers of usable cores")
        if self.quota_cpus is not None and self.quota_cpus < len(cores):
            doubts.append(f"a CPU quota allows {self.quota_cpus:g} of {len(cores)} cores at a time")
        return tuple(doubts)


def read(root: Path = ROOT, allowed: frozenset[int] | None = None) -> Topology:
    """Return the cores of the allowed CPUs (default: this process's affinity).

    Threads, packages, NUMA nodes and caches come from sysfs. If that is missing, psutil gives the
    number of cores. A virtual machine may show threads as cores; this cannot be detected inside it.
    """
    getaffinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    if allowed is None and getaffinity is not None:
        allowed = frozenset(getaffinity(0))
    quota = quota_cpus(root)
    system = root / "sys/devices/system"
    if allowed is None or not all(_threads(system, cpu) for cpu in allowed):
        return Topology(_counted(allowed), "psutil", quota)
    nodes = _nodes(system)
    found = (
        _core(system, nodes, threads, allowed)
        for threads in {_threads(system, cpu) for cpu in allowed}
    )
    return Topology(tuple(sorted(found, key=lambda core: min(core.cpus))), "sysfs", quota)


def cpu_list(text: str) -> frozenset[int]:
    """Return the CPUs of a list in the kernel's notation, e.g. ``0-3,8,10-11``."""
    cpus: set[int] = set()
    for part in text.strip().split(","):
        first, _, last = part.partition("-")
        if first:
            cpus.update(range(int(first), int(last or first) + 1))
    return frozenset(cpus)


def _core(
    system: Path, nodes: dict[int, int], threads: frozenset[int], allowed: frozenset[int]
) -> Core:
    cpus = threads & allowed
    cpu = min(cpus)
    folder = system / f"cpu/cpu{cpu}"
    return Core(
        cpus=cpus,
        number=min(threads),
        n_threads=len(threads),
        package=_number(folder / "topology/physical_package_id", 0),
        node=nodes.get(cpu, 0),
        cache=_cache(folder),
        capacity=_number(folder / "cpu_capacity", FULL_CAPACITY),
    )


def _threads(system: Path, cpu: int) -> frozenset[int]:
    return cpu_list(_text(system / f"cpu/cpu{cpu}/topology/thread_siblings_list"))


def _nodes(system: Path) -> dict[int, int]:
    return {
        cpu: int(folder.name.removeprefix("node"))
        for folder in (system / "node").glob("node[0-9]*")
        for cpu in cpu_list(_text(folder / "cpulist"))
    }


def _cache(folder: Path) -> int:
    """Return the first CPU that shares the last cache; 0 if sysfs does not report it."""
    caches = [
        (_number(index / "level", 0), cpu_list(_text(index / "shared_cpu_list")))
        for index in (folder / "cache").glob("index*")
    ]
    _, sharing = max(caches, key=lambda cache: cache[0], default=(0, frozenset()))
    return min(sharing, default=0)


def _counted(allowed: frozenset[int] | None) -> tuple[Core, ...]:
    n_all = psutil.cpu_count() or 1
    physical = psutil.cpu_count(logical=False)
    n_cpus = len(allowed) if allowed is not None else n_all
    if allowed is not None and physical == n_all:
        return tuple(Core(cpus=frozenset({cpu})) for cpu in sorted(allowed))
    n_cores = max(1, n_cpus * (physical or n_all) // n_all)
    return (Core(cpus=frozenset(), n_threads=n_cpus // n_cores),) * n_cores


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _number(path: Path, missing: int) -> int:
    text = _text(path).strip()
    return int(text) if text.lstrip("-").isdigit() else missing
