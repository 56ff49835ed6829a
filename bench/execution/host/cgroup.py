"""Cgroups of version 2: the kernel itself limits and measures whole process trees.

They need a group that this user may divide (*delegated*), as inside ``systemd-run --user --scope -p
Delegate=yes bench ...`` and in some containers. Functions return a reason instead of raising.
Tested on a real kernel: creating, joining, CPU time, killing, removing. Memory limits were only
tested with imitated files, because no available machine has a memory controller of version 2.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.execution.host import linux
from bench.execution.host.quota import own_group

ROOT = Path("/")
HARNESS = "bench-harness"
"""The group into which bench itself moves, because only a group without processes can be divided.
"""
CONTROLLERS = ("cpu", "memory")
MIB = 2**20
MICROSECONDS = 1e6
REMOVAL_S = 2.0


@dataclass(frozen=True, slots=True)
class Delegation:
    """A group in which tasks can get groups of their own; it is passed between processes."""

    group: Path

    def prepare(self) -> str:
        """Move the processes of the group into a subgroup, and enable limits for the others.

        Call it once, from the main process before any other is started. Return the reason for a
        failure, or nothing.
        """
        try:
            harness = self.group / HARNESS
            harness.mkdir(exist_ok=True)
            for pid in (self.group / "cgroup.procs").read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    (harness / "cgroup.procs").write_text(pid)
            for controller in CONTROLLERS:
                (self.group / "cgroup.subtree_control").write_text(f"+{controller}")
        except OSError as error:
            return f"the cgroup {self.group} cannot be divided: {error.strerror}"
        return ""

    @contextmanager
    def task_group(self, name: str, memory_mib: float | None = None) -> Iterator[TaskGroup | None]:
        """Create a group, limited without swap, for the context; None if that fails.

        Above the limit, the kernel kills all processes in the group at once. At the end, all
        remaining processes are killed.
        """
        group = TaskGroup(self.group / name)
        try:
            group.path.mkdir()
        except OSError:
            yield None
            return
        try:
            if memory_mib is not None:
                group.limit_memory(memory_mib)
        except OSError:
            group.remove()
            yield None
            return
        try:
            yield group
        finally:
            group.kill()
            group.remove()


@dataclass(frozen=True, slots=True)
class TaskGroup:
    """The group of one task. A value is None if the kernel is too old to report it."""

    path: Path

    def limit_memory(self, limit_mib: float) -> None:
        """Limit the group's memory, without swap; above the limit, the kernel kills all of it."""
        (self.path / "memory.max").write_text(str(int(limit_mib * MIB)))
        (self.path / "memory.oom.group").write_text("1")
        swap = self.path / "memory.swap.max"
        if swap.exists():
            swap.write_text("0")

    def add(self, pid: int) -> bool:
        """Move a process, with its future children, into the group.

        Return False if the kernel refuses, or the process has ended already.
        """
        try:
            (self.path / "cgroup.procs").write_text(str(pid))
        except OSError:
            return False
        return True

    @property
    def peak_mib(self) -> float | None:
        """The largest memory of the group, including file cache (Linux 5.19)."""
        text = self._text("memory.peak").strip()
        return int(text) / MIB if text else None

    @property
    def n_killed_for_memory(self) -> int | None:
        """The number of processes that the kernel has killed because of the memory limit."""
        return self._figure("memory.events", "oom_kill")

    @property
    def cpu_s(self) -> float | None:
        """CPU seconds that processes have used in the group, without their earlier use."""
        usec = self._figure("cpu.stat", "usage_usec")
        return None if usec is None else usec / MICROSECONDS

    def kill(self) -> None:
        """Kill everything in the group (at once since Linux 5.14)."""
        try:
            (self.path / "cgroup.kill").write_text("1")
        except OSError:
            for pid in self._text("cgroup.procs").split():
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(int(pid), signal.SIGKILL)

    def remove(self) -> None:
        """Remove the group after its last process has gone; give up after two seconds."""
        end = time.monotonic() + REMOVAL_S
        while self.path.is_dir():
            with contextlib.suppress(OSError):
                self.path.rmdir()
                return
            if time.monotonic() > end:
                return
            time.sleep(0.005)

    def _figure(self, file: str, name: str) -> int | None:
        words = self._text(file).split()
        figures = dict(zip(words[::2], words[1::2], strict=False))
        return int(figures[name]) if name in figures else None

    def _text(self, file: str) -> str:
        try:
            return (self.path / file).read_text()
        except OSError:
            return ""


def find(root: Path = ROOT) -> tuple[Delegation | None, str]:
    """Return the delegation of this process, or None and the reason; nothing is changed."""
    found = own_group("", root)
    if found is None:
        return None, "no cgroups of version 2"
    group, _ = found
    if group.name == HARNESS:
        group = group.parent
    available = _text(group / "cgroup.controllers").split()
    missing = [controller for controller in CONTROLLERS if controller not in available]
    if missing:
        return None, f"cgroups of version 2 without {' and '.join(missing)} control"
    if not _text(group / "cgroup.type"):
        return None, "this process is in the machine's root cgroup"
    ours = {os.getpid(), *linux.descendants(os.getpid())}
    if not ours.issuperset(map(int, _text(group / "cgroup.procs").split())):
        return None, "other processes are in the cgroup of this process"
    files = (group, group / "cgroup.procs", group / "cgroup.subtree_control")
    if not all(os.access(file, os.W_OK) for file in files):
        return None, "this user may not divide the cgroup of this process"
    return Delegation(group), ""


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
