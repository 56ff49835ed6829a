"""The machine: the properties that affect times, and its memory."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import psutil

from bench.execution.host.quota import own_group

ROOT = Path("/")
MIB = 2**20
SLOW_CLOCKS = frozenset({"hpet", "acpi_pm", "jiffies", "pit", "refined-jiffies"})
"""Linux clock sources that need a system call, or are coarse."""
_TURBO = (("intel_pstate/no_turbo", "0"), ("cpufreq/boost", "1"))
"""Files below sysfs's cpu folder, and their content if turbo is on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Facts about this machine; None (or empty) if unknown.

    ``governors`` are the different ones of all CPUs. ``allowed_mib`` is the memory that the cgroups
    around this process allow it and its neighbours. ``clock_resolution_s`` is the smallest observed
    step.
    """

    governors: tuple[str, ...]
    turbo: bool | None
    virtual: bool | None
    memory_mib: float
    available_mib: float
    allowed_mib: float | None
    swap_used_mib: float
    clock: str | None
    clock_resolution_s: float


def read(root: Path = ROOT) -> Machine:
    """Read the facts, which takes a few milliseconds."""
    memory = psutil.virtual_memory()
    clock = root / "sys/devices/system/clocksource/clocksource0/current_clocksource"
    return Machine(
        governors=_governors(root),
        turbo=_turbo(root),
        virtual=_virtual(root),
        memory_mib=memory.total / MIB,
        available_mib=memory.available / MIB,
        allowed_mib=allowed_mib(root),
        swap_used_mib=psutil.swap_memory().used / MIB,
        clock=_text(clock).strip() or None,
        clock_resolution_s=clock_step_s(),
    )


def clock_step_s() -> float:
    """Return the smallest step of the monotonic clock between two readings, including the call."""
    times = [time.monotonic() for _ in range(1000)]
    steps = [later - before for before, later in pairwise(times)]
    return min((step for step in steps if step > 0), default=times[-1] - times[0] or 1.0)


def _governors(root: Path) -> tuple[str, ...]:
    files = (root / "sys/devices/system/cpu").glob("cpu[0-9]*/cpufreq/scaling_governor")
    return tuple(sorted({_text(file).strip() for file in files} - {""}))


def _turbo(root: Path) -> bool | None:
    for file, on in _TURBO:
        text = _text(root / "sys/devices/system/cpu" / file).strip()
        if text:
            return text == on
    return None


def _virtual(root: Path) -> bool | None:
    """Return whether the processor reports a hypervisor, as x86 processors do."""
    flags = re.search(r"^flags\s*:(.*)$", _text(root / "proc/cpuinfo"), re.MULTILINE)
    return None if flags is None else "hypervisor" in flags[1].split()


def allowed_mib(root: Path = ROOT) -> float | None:
    """Return the memory that the cgroups allow this process and its neighbours, or None."""
    limits = []
    for controller, file in (("", "memory.max"), ("memory", "memory.limit_in_bytes")):
        found = own_group(controller, root)
        if found is not None:
            group, mount = found
            places = [place for place in (group, *group.parents) if place.is_relative_to(mount)]
            limits += [_text(place / file).strip() for place in places]
    figures = [int(limit) / MIB for limit in limits if limit.isdigit()]
    total = psutil.virtual_memory().total / MIB
    return min((limit for limit in figures if limit < total), default=None)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
