"""Findings: the effects of a machine's properties on measurements, and what to do about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bench.execution.host.abilities import Abilities, Ability
from bench.execution.host.machine import SLOW_CLOCKS, Machine
from bench.execution.host.noise import SWAPPED_MIB, Noise
from bench.execution.host.topology import Topology
from bench.model.limits import DEFAULT_MEMORY_MIB

LEAST_DISK_MIB = 1024.0
SLOW_S = 0.05
"""A disk or store that needs longer than this for one answer slows short tasks down."""
COARSE_CLOCK_S = 1e-4
ADVICE = {
    "memory": "start bench by `systemd-run --user --scope -p Delegate=yes bench ...`, or in a "
    "container whose cgroup it may write to",
    "leftovers": "use a kernel with CONFIG_PROC_CHILDREN",
    "cores": "give bench whole cores of one kind, e.g. by `taskset -c`, and no CPU quota",
    "pressure": "start the kernel with psi=1",
}


class Mark(StrEnum):
    """The effect of a finding on measurements; a note is not judged."""

    OK = "ok"
    NOTE = "note"
    WARN = "warn"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class MachineFinding:
    """One property: its name, its value, whether that is good, and what to do if it is not.

    ``value`` is the bare number (in the unit of ``text``, times in seconds) or word.
    """

    name: str
    text: str
    mark: Mark = Mark.NOTE
    advice: str = ""
    value: float | str | bool | None = None


@dataclass(frozen=True, slots=True)
class MachineSection:
    """Findings that belong together."""

    title: str
    findings: Sequence[MachineFinding]


def processor(model: str, here: Topology, jobs: int, facts: Machine) -> list[MachineFinding]:
    """Judge cores, governor, turbo and virtualisation; ``jobs`` is the default of ``--jobs``."""
    return [
        MachineFinding("model", model, value=model),
        _cores(here, jobs),
        _governor(facts.governors),
        _turbo(facts.turbo),
        _virtual(facts.virtual),
    ]


def abilities(able: Abilities) -> list[MachineFinding]:
    """Warn about each limit that is not enforced well; missing measurements are notes."""
    return [
        *(_ability(ability, Mark.WARN) for ability in able.enforced),
        *(_ability(ability, Mark.NOTE) for ability in able.measured),
    ]


def memory(facts: Machine, jobs: int) -> list[MachineFinding]:
    """Judge whether this many tasks at a time have the memory that they may use by default."""
    left = min(facts.available_mib, facts.allowed_mib or facts.available_mib)
    text = f"{left:.0f} MiB of {facts.memory_mib:.0f} MiB usable"
    if left >= jobs * DEFAULT_MEMORY_MIB:
        room = MachineFinding("memory", text, Mark.OK, value=left)
    else:
        text += f"; {jobs} tasks at a time may need {jobs * DEFAULT_MEMORY_MIB:.0f} MiB"
        advice = "free memory, or lower --memory-limit or --jobs"
        room = MachineFinding("memory", text, Mark.WARN, advice, left)
    used = facts.swap_used_mib
    if used < SWAPPED_MIB:
        return [room, MachineFinding("swap", "none in use", Mark.OK, value=used)]
    advice = "stop other programs that need memory, or as root: swapoff -a"
    return [room, MachineFinding("swap", f"{used:.0f} MiB in use", Mark.WARN, advice, used)]


def disk(free_mib: float, sync_s: float) -> list[MachineFinding]:
    """Judge free space, and the time of one synchronous write, on the work folder's disk."""
    text = f"{free_mib:.0f} MiB free for the work folder"
    room = _judged("disk", text, free_mib >= LEAST_DISK_MIB, free_mib)
    return [room, _judged("disk sync", f"{1000 * sync_s:.1f} ms", sync_s < SLOW_S, sync_s)]


def clock(facts: Machine) -> MachineFinding:
    """Judge the clock that measures times."""
    step = facts.clock_resolution_s
    text = f"{1e9 * step:.0f} ns a step" + (f" by {facts.clock}" if facts.clock else "")
    if step < COARSE_CLOCK_S and facts.clock not in SLOW_CLOCKS:
        return MachineFinding("clock", text, Mark.OK, value=step)
    advice = "start the kernel with clocksource=tsc if the processor has a steady one"
    return MachineFinding("clock", text, Mark.WARN, advice, step)


def noise(seen: Noise) -> MachineFinding:
    """Judge the other load; the value is the number of CPUs that other processes keep busy."""
    others = seen.figures.get("others_cpus")
    if seen.reasons:
        advice = "stop other programs (see `top`)"
        return MachineFinding("noise", "; ".join(seen.reasons), Mark.WARN, advice, others)
    if seen.ok is None:
        return MachineFinding("noise", "not known")
    text = "none" if others is None else f"none; other processes use {others:.0%} of a core"
    return MachineFinding("noise", text, Mark.OK, value=others)


def _cores(here: Topology, jobs: int) -> MachineFinding:
    n_cores, n_nodes = len(here.cores), len({core.node for core in here.cores})
    threads = "/".join(map(str, sorted({core.n_threads for core in here.cores})))
    parts = [
        f"{n_cores} physical",
        "no SMT shown" if threads == "1" else f"{threads} threads each",
        *([f"{n_nodes} NUMA nodes"] if n_nodes > 1 else []),
        f"--jobs is {jobs}",
        *here.doubts,
    ]
    mark, advice = (Mark.WARN, ADVICE["cores"]) if here.doubts else (Mark.OK, "")
    return MachineFinding("cores", "; ".join(parts), mark, advice, n_cores)


def _governor(governors: tuple[str, ...]) -> MachineFinding:
    names = ", ".join(governors)
    if not governors:
        return MachineFinding("governor", "not shown here")
    if governors == ("performance",):
        return MachineFinding("governor", names, Mark.OK, value=names)
    advice = "as root: cpupower frequency-set -g performance"
    return MachineFinding(
        "governor", f"{names}: the clock follows the load", Mark.WARN, advice, names
    )


def _turbo(turbo: bool | None) -> MachineFinding:
    if turbo is None:
        return MachineFinding("turbo", "not shown here")
    if not turbo:
        return MachineFinding("turbo", "off", Mark.OK, value=False)
    advice = (
        "as root: echo 0 > /sys/devices/system/cpu/cpufreq/boost, or with intel_pstate "
        "echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo; or always use the same --jobs"
    )
    text = "on: cores slow down as more of them are busy"
    return MachineFinding("turbo", text, Mark.WARN, advice, value=True)


def _virtual(virtual: bool | None) -> MachineFinding:
    if virtual is None:
        return MachineFinding("virtual machine", "not known")
    if not virtual:
        return MachineFinding("virtual machine", "no", Mark.OK, value=False)
    text = "yes: its cores may be threads that other guests share"
    advice = "use several seeds, check the tag `noise`, or ask for dedicated cores"
    return MachineFinding("virtual machine", text, Mark.WARN, advice, value=True)


def _ability(ability: Ability, otherwise: Mark) -> MachineFinding:
    if not ability.amiss:
        return MachineFinding(ability.name, ability.how, Mark.OK, value=ability.how)
    text = f"{ability.how}; {ability.amiss}" if ability.how else f"no: {ability.amiss}"
    advice = ADVICE.get(ability.name, "")
    return MachineFinding(ability.name, text, otherwise, advice, ability.how or None)


def _judged(name: str, text: str, good: bool, value: float) -> MachineFinding:
    mark, advice = (Mark.OK, "") if good else (Mark.WARN, "choose another disk with --work-dir")
    return MachineFinding(name, text, mark, advice, value)
