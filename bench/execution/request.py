"""An execution request (order): everything a process needs to execute one task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.execution.host.cgroup import Delegation
from bench.model.limits import Clock, Limits
from bench.model.task import Task
from bench.model.workspace import Workspace
from bench.solvers.executables.record import Executable

LOG_CAP_MIB = 16.0
KEY_DIGITS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionRequest:
    """One task, the folder for its files, its cores, and the size limit of its log.

    ``read_only`` requests only the problem statistics, ``verify`` a check of the solution.
    ``start`` is a start solution: values by the names of columns, 0 for columns that are not named.
    ``delegation`` is where the task gets a cgroup of its own, if possible. ``pass_env`` names
    additional environment variables for the task's processes. ``executable`` is the program that
    solves the task, None for a library.
    """

    task: Task
    folder: Path
    cores: frozenset[int] = frozenset()
    log_cap_mib: float = LOG_CAP_MIB
    read_only: bool = False
    verify: bool = True
    delegation: Delegation | None = None
    pass_env: frozenset[str] = frozenset()
    start: Mapping[str, float] | None = None
    executable: Executable | None = None

    @property
    def solver(self) -> str:
        """The solver by a name that every process knows; an executable by that of its kind."""
        return self.executable.like if self.executable else self.task.setting.solver

    @property
    def scratch(self) -> Path:
        """The folder for temporary files of the task's processes; removed at the end."""
        return Workspace(self.folder).scratch


@dataclass(frozen=True, slots=True, kw_only=True)
class HardLimits:
    """The limits enforced from outside the solver, which it should never reach by itself.

    Times count from the start of the process, and again from the start of the solve.
    """

    wall_s: float | None
    cpu_s: float | None
    memory_mib: float | None
    grace_s: float

    @property
    def cpu_of_both_s(self) -> float | None:
        """The CPU seconds of reading and solving together."""
        return None if self.cpu_s is None else 2 * self.cpu_s

    @property
    def warn_share_s(self) -> float:
        """How long before the kill the solver is asked (SIGINT) to stop and report its bounds."""
        return self.grace_s / 2


def hard_limits(limits: Limits) -> HardLimits:
    """Return the outer limits for the solver's own limits.

    The solver counts its own allocations of memory; the resident memory is at most about 1.1 times
    that, plus 200 MiB for libraries and the interpreter.
    """
    time_s, grace = limits.time_s, limits.grace_s
    by_cpu = limits.clock is Clock.CPU
    return HardLimits(
        wall_s=limits.longest_s,
        cpu_s=time_s + grace if by_cpu and time_s is not None else None,
        memory_mib=None if limits.memory_mib is None else 1.1 * limits.memory_mib + 200,
        grace_s=grace,
    )


def folder_name(task: Task, attempt: int = 1, execution: int = 1) -> str:
    """Return a readable folder name that is unique for each attempt at a task.

    E.g. ``egout-s0-p0-1f2e3d4c5b6a``, the second time ``egout-s0-p0-attempt2-1f2e3d4c5b6a``. An
    attempt whose worker died is executed again, in ``egout-s0-p0-execution2-1f2e3d4c5b6a``.
    """
    readable = "".join(c if c.isalnum() or c in "._" else "-" for c in task.instance.name)
    number = "" if attempt == 1 else f"attempt{attempt}-"
    number += "" if execution == 1 else f"execution{execution}-"
    return f"{readable[:40]}-s{task.seed}-p{task.permutation}-{number}{task.key[:KEY_DIGITS]}"
