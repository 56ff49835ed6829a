"""Noise: external disturbances of a measurement, from counters before and after it.

Linux reports how busy each CPU was, but not which process used it. A pinned task has its physical
core to itself. If that core (all of its threads) was busier than the task, the rest is a
disturbance, whatever other tasks do on other cores; a task's supervisor measures this. The process
that started all tasks can read the whole machine and subtract its own process tree. Other processes
cannot distinguish tasks of the same campaign from foreign processes: for a task that is not pinned,
the pressure on all CPUs and the task's own involuntary context switches are used instead.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.execution.host import linux, meter
from bench.execution.host.quota import halted_s

ROOT = Path("/")
PAGES_PER_MIB = 2**20 / (os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096)

OTHERS_CPUS = 0.05
"""CPUs kept busy by others, on average: 5 % of a core is more than the usual variation (1-3 %)."""
STEAL_SHARE = 0.01
"""CPU time taken by the hypervisor; on a host that is not overbooked it is a tenth of this."""
CPU_PRESSURE = 0.1
"""Share of the time in which a process waited for a CPU; it may be a foreign one, so not less."""
MEMORY_PRESSURE = 0.01
"""Share of the time in which a process waited for memory: above this, pages are reclaimed."""
IO_PRESSURE = 0.2
"""Share of the time in which a process waited for a disk; solvers only read once and write logs."""
SWAPPED_MIB = 1.0
"""A smaller amount is an idle process that woke up."""
SWITCHES_PER_S = 20.0
"""Involuntary context switches: a few per second on an idle machine, a hundred with a competitor.
"""
LEAST_S = 0.05
"""CPU time is counted in ticks of 10 ms; less than five of them are not judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostCounters:
    """The counters at one time; only differences are meaningful. None if there is no source.

    Times are in seconds since the machine started; ``moment_s`` is monotonic. ``busy_s`` and
    ``steal_s`` are sums over the ``n_cpus`` that were read, all if not ``pinned``.
    """

    moment_s: float
    n_cpus: int
    pinned: bool
    busy_s: float | None = None
    steal_s: float | None = None
    cpu_waited_s: float | None = None
    memory_waited_s: float | None = None
    io_waited_s: float | None = None
    halted_s: float | None = None
    n_throttled: float | None = None
    n_pages_swapped: float | None = None
    load: float | None = None


@dataclass(frozen=True, slots=True)
class Noise:
    """Whether a measurement was undisturbed (None: unknown), and the reasons if not.

    ``figures`` has the measured values by name: CPUs, shares of the time, counts, seconds or MiB.
    """

    ok: bool | None
    reasons: tuple[str, ...] = ()
    figures: dict[str, float] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        """The value of the tag ``noise``: ``ok``, ``unknown``, or the reasons."""
        return "; ".join(self.reasons) or ("unknown" if self.ok is None else "ok")


def read_counters(cpus: frozenset[int] = frozenset(), root: Path = ROOT) -> HostCounters:
    """Read the counters of some CPUs, or of all; this takes a fraction of a millisecond."""
    n_cpus, busy, steal = _cpu_times(root, cpus)
    return HostCounters(
        moment_s=time.monotonic(),
        n_cpus=n_cpus,
        pinned=bool(cpus),
        busy_s=busy,
        steal_s=steal,
        cpu_waited_s=_waited_s(root, "cpu"),
        memory_waited_s=_waited_s(root, "memory"),
        io_waited_s=_waited_s(root, "io"),
        halted_s=halted_s(root),
        n_throttled=_throttled(root, cpus),
        n_pages_swapped=_swapped(root),
        load=os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    )


def tree_cpu_s(pid: int) -> float:
    """Return the CPU seconds of a process, its descendants, and all children they waited for."""
    return sum(meter.usage(one).cpu_s for one in (pid, *linux.descendants(pid)))


def noise(
    before: HostCounters,
    after: HostCounters,
    own_cpu_s: float | None,
    n_involuntary_switches: int | None = None,
) -> Noise:
    """Judge the time between two readings of the same CPUs.

    ``own_cpu_s`` is the CPU time of bench on them: of the task if it was pinned to them, of bench
    and all its tasks for the whole machine, None if unknown.
    """
    figures = dict(_figures(before, after, own_cpu_s, n_involuntary_switches))
    elapsed = after.moment_s - before.moment_s
    most_others = OTHERS_CPUS * (1 if before.pinned else before.n_cpus)
    reasons = [
        words.format(figures[name])
        for name, most, is_time, words in (
            ("others_cpus", most_others, True, "other processes used {:.0%} of a core"),
            ("steal_share", STEAL_SHARE, True, "the hypervisor took {:.1%} of the CPU time"),
            (
                "memory_pressure",
                MEMORY_PRESSURE,
                True,
                "processes waited for memory {:.0%} of the time",
            ),
            ("io_pressure", IO_PRESSURE, True, "processes waited for disks {:.0%} of the time"),
            ("halted_share", STEAL_SHARE, True, "a CPU quota halted processes {:.1%} of the time"),
            ("n_throttled", 0, False, "the processor throttled itself {:.0f} times"),
            ("swapped_mib", SWAPPED_MIB, False, "{:.0f} MiB were swapped"),
            *(_STAND_INS if own_cpu_s is None else ()),
        )
        if figures.get(name, 0) > most and not (is_time and figures[name] * elapsed < LEAST_S)
    ]
    known = figures.keys() & {"others_cpus", "cpu_pressure", "switches_per_s"}
    return Noise(not reasons if reasons or known else None, tuple(reasons), figures)


_STAND_INS = (
    ("cpu_pressure", CPU_PRESSURE, True, "processes waited for a CPU {:.0%} of the time"),
    ("switches_per_s", SWITCHES_PER_S, False, "preempted {:.0f} times a second"),
)


def _figures(
    before: HostCounters, after: HostCounters, own_cpu_s: float | None, n_switches: int | None
) -> Iterator[tuple[str, float]]:
    elapsed = max(after.moment_s - before.moment_s, 1e-9)

    def passed(counter: str) -> Iterator[float]:
        start, end = getattr(before, counter), getattr(after, counter)
        if start is not None and end is not None:
            yield max(0.0, end - start)

    if own_cpu_s is not None:
        for busy in passed("busy_s"):
            yield "others_cpus", max(0.0, busy - own_cpu_s) / elapsed
    yield from (("steal_share", s / elapsed / before.n_cpus) for s in passed("steal_s"))
    yield from (("cpu_pressure", s / elapsed) for s in passed("cpu_waited_s"))
    yield from (("memory_pressure", s / elapsed) for s in passed("memory_waited_s"))
    yield from (("io_pressure", s / elapsed) for s in passed("io_waited_s"))
    yield from (("halted_share", s / elapsed) for s in passed("halted_s"))
    yield from (("n_throttled", n) for n in passed("n_throttled"))
    yield from (("swapped_mib", n / PAGES_PER_MIB) for n in passed("n_pages_swapped"))
    if n_switches is not None:
        yield "switches_per_s", n_switches / elapsed
    if after.load is not None:
        yield "load", after.load


def _cpu_times(root: Path, cpus: frozenset[int]) -> tuple[int, float | None, float | None]:
    """Return number, busy and stolen seconds of the CPUs, from the lines ``cpuN`` of /proc/stat."""
    wanted = {f"cpu{cpu}" for cpu in cpus}
    n_cpus, busy, steal = 0, 0, 0
    for line in _text(root / "proc/stat").splitlines()[1:]:
        name, *ticks = line.split(maxsplit=9)
        if not name.startswith("cpu"):
            break
        if (not wanted or name in wanted) and len(ticks) >= 8:
            user, nice, system, _, _, irq, softirq, stolen = map(int, ticks[:8])
            n_cpus += 1
            busy += user + nice + system + irq + softirq
            steal += stolen
    if n_cpus == 0 or n_cpus < len(wanted):
        return max(1, len(cpus)), None, None
    return n_cpus, busy / meter.TICKS, steal / meter.TICKS


def _waited_s(root: Path, what: str) -> float | None:
    """Return for how long any process waited for cpu, memory or io: PSI, the line ``some``."""
    _, _, total = _text(root / "proc/pressure" / what).partition("total=")
    return int(total.split()[0]) / 1e6 if total else None


def _throttled(root: Path, cpus: frozenset[int]) -> float | None:
    """Return how often cores and packages were throttled; the sum over CPUs counts some twice."""
    system = root / "sys/devices/system/cpu"
    folders = [system / f"cpu{cpu}" for cpu in cpus] or list(system.glob("cpu[0-9]*"))
    counts = [
        int(text)
        for folder in folders
        for kind in ("core", "package")
        if (text := _text(folder / f"thermal_throttle/{kind}_throttle_count"))
    ]
    return sum(counts) if counts else None


def _swapped(root: Path) -> float | None:
    text = _text(root / "proc/vmstat")
    counts = [line.split()[1] for line in text.splitlines() if line.startswith("pswp")]
    return sum(map(int, counts)) if counts else None


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
