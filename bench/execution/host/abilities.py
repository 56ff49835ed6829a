"""Abilities: the limits that can be enforced and the values that can be measured here."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bench.execution.host import cgroup, linux, topology

ROOT = Path("/")


@dataclass(frozen=True, slots=True)
class Ability:
    """An enforced limit or a measured value: ``how`` (empty: not at all), and its problem."""

    name: str
    how: str
    amiss: str = ""


@dataclass(frozen=True, slots=True)
class Abilities:
    """How limits are enforced (wall, cpu, memory, leftovers, cores) and values measured."""

    enforced: tuple[Ability, ...]
    measured: tuple[Ability, ...]

    def tags(self) -> dict[str, str]:
        """Return the tags stored with results, e.g. ``bench.enforced.memory`` and how."""
        groups = (("enforced", self.enforced), ("measured", self.measured))
        return {
            f"bench.{group}.{ability.name.replace(' ', '_')}": ability.how or f"no: {ability.amiss}"
            for group, abilities in groups
            for ability in abilities
        }


def abilities(root: Path = ROOT, refusal: str = "") -> Abilities:
    """Return how this process can limit and measure its children, without trying it.

    ``refusal`` is the reason why the cgroup returned by
    `bench.execution.host.cgroup.find` is not used.
    """
    return Abilities(
        enforced=(
            _wall(),
            _cpu(),
            _memory(root, refusal),
            _leftovers(root),
            _cores(root),
        ),
        measured=(
            _peak_memory(root),
            _file("load", root / "proc/stat", "/proc/stat", "no /proc/stat"),
            _file("pressure", root / "proc/pressure/cpu", "PSI", "this kernel keeps no PSI"),
            _throttling(root),
        ),
    )


def _wall() -> Ability:
    return Ability("wall", "supervisor", "" if linux.LINUX else "not tried on this system")


def _cpu() -> Ability:
    if not linux.LINUX:
        return Ability("cpu", "", "only Linux shows it for a process tree")
    return Ability("cpu", "sampling + rlimit")


def _memory(root: Path, refusal: str) -> Ability:
    if not linux.LINUX:
        return Ability("memory", "", "only Linux shows it for a process tree")
    delegation, reason = cgroup.find(root)
    if delegation is not None and not refusal:
        return Ability("memory", "cgroup")
    amiss = f"several processes together may exceed their limit for 0.1 s: {refusal or reason}"
    return Ability("memory", "rlimit + sampling", amiss)


def _leftovers(root: Path) -> Ability:
    me = os.getpid()
    if linux.LINUX and (root / f"proc/{me}/task/{me}/children").is_file():
        return Ability("leftovers", "subreaper")
    return Ability("leftovers", "", "processes that leave their parent may outlive their task")


def _cores(root: Path) -> Ability:
    found = topology.read(root)
    pinned = linux.LINUX and all(core.cpus for core in found.cores)
    return Ability("cores", "affinity" if pinned else "", "; ".join(found.doubts))


def _peak_memory(root: Path) -> Ability:
    if "VmHWM:" not in _text(root / "proc/self/status"):
        return Ability("peak memory", "", "the kernel does not show it")
    if not os.access(root / "proc/self/clear_refs", os.W_OK):
        return Ability("peak memory", "VmHWM", "never below the memory of bench itself")
    return Ability("peak memory", "VmHWM")


def _throttling(root: Path) -> Ability:
    if any((root / "sys/devices/system/cpu").glob("cpu[0-9]*/thermal_throttle")):
        return Ability("throttling", "thermal_throttle")
    return Ability("throttling", "", "the processor's counters are not shown here")


def _file(name: str, path: Path, how: str, amiss: str) -> Ability:
    return Ability(name, how) if _text(path) else Ability(name, "", amiss)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
