"""The meter: memory and CPU of a task's process tree, sampled while it lives."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bench.execution.host import linux
from bench.model.results.process_stats import Sample

MIB = 1024.0
"""KiB in a MiB: /proc prints kB and means KiB."""
MOST_SAMPLES = 300
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@dataclass(frozen=True, slots=True)
class Usage:
    """Memory and CPU of one process so far."""

    rss_mib: float = 0.0
    peak_mib: float = 0.0
    cpu_s: float = 0.0


def usage(pid: int) -> Usage:
    """Return the memory and CPU time of a process; zeros for one that has ended.

    ``cpu_s`` includes children it has waited for.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return Usage()
    fields = stat[stat.rindex(")") + 2 :].split()
    return Usage(
        rss_mib=_kib(status, "VmRSS:") / MIB,
        peak_mib=_kib(status, "VmHWM:") / MIB,
        cpu_s=sum(map(int, fields[11:15])) / TICKS,
    )


def own_peak_mib() -> float | None:
    """Return the peak of resident memory of this process (VmHWM), or None if it is unknown."""
    peak = usage(os.getpid()).peak_mib
    return peak or None


class Meter:
    """Samples a process tree; keeps at most 300 samples regardless of the duration."""

    def __init__(self, pid: int) -> None:
        """Measure the descendants of a process, not the process itself."""
        self._pid = pid
        self._stride = 1
        self._n_samples = 0
        self._samples: list[Sample] = []
        self._cpu_of: dict[int, float] = {}
        self._last = (0.0, 0.0)
        self.peak_mib = 0.0
        self.rss_mib = 0.0

    @property
    def cpu_s(self) -> float:
        """CPU seconds of all processes so far; ended ones count with their last sample."""
        return sum(self._cpu_of.values())

    @property
    def samples(self) -> tuple[Sample, ...]:
        """The kept samples, in order."""
        return tuple(self._samples)

    def sample(self, time_s: float) -> None:
        """Sample the tree now, ``time_s`` seconds after its start.

        A tree that has ended keeps the memory of its last sample.
        """
        uses = {pid: usage(pid) for pid in linux.descendants(self._pid)}
        self._cpu_of |= {pid: use.cpu_s for pid, use in uses.items() if use.cpu_s}
        self.rss_mib = sum(use.rss_mib for use in uses.values()) or self.rss_mib
        self.peak_mib = max(self.peak_mib, self.rss_mib, *(use.peak_mib for use in uses.values()))
        before, cpu_before = self._last
        elapsed = time_s - before
        percent = 100 * (self.cpu_s - cpu_before) / elapsed if elapsed > 0 else 0.0
        self._n_samples += 1
        if (self._n_samples - 1) % self._stride:
            return
        self._last = (time_s, self.cpu_s)
        load, *_ = os.getloadavg()
        self._samples.append(Sample(time_s, self.rss_mib, max(0.0, percent), load))
        if len(self._samples) > MOST_SAMPLES:
            self._samples = self._samples[::2]
            self._stride *= 2


def _kib(status: str, field: str) -> float:
    start = status.find(field)
    return float(status[start + len(field) :].split(maxsplit=1)[0]) if start >= 0 else 0.0
