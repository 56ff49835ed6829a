"""Read and solve with HiGHS: one object per task, never used twice."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

import highspy
import numpy as np
from highspy import HighsStatus

from bench.errors import InstanceError, SolverError, UnsupportedError
from bench.model.instances.linear_program import LinearProgram
from bench.model.instances.problem import ProblemStatistics
from bench.model.instances.program_arrays import ProgramArrays
from bench.model.limits import Clock
from bench.model.results.solver_output import SolverOutput
from bench.model.setting import ParameterValue
from bench.model.task import Task
from bench.model.workspace import Workspace
from bench.solvers.highs import outcome, reading
from bench.solvers.highs.events import Events, Guard
from bench.solvers.linear_programs import statistics
from bench.solvers.live_bounds import LiveBounds
from bench.solvers.start import start_values


def inspect(path: Path) -> SolverOutput:
    """Return statistics of the problem in a file, without solving it."""
    highs = reading.new()
    warnings = reading.read(highs, path)
    return SolverOutput(problem=statistics(reading.program(highs)), reader_warnings=warnings)


def read(path: Path) -> LinearProgram:
    """Read a problem file into plain numbers, without solving it.

    Also reject duplicate entries, because HiGHS ignores the second.
    """
    highs = reading.new(**reading.UNALTERED)
    for warning in reading.read(highs, path):
        if "duplicate" in warning:
            raise InstanceError(f"HiGHS ignores a part of {path.name}: {warning}")
    return reading.program(highs)


def read_arrays(path: Path) -> ProgramArrays | None:
    """Read a problem file into arrays, without solving it; None if arrays cannot represent it."""
    highs = reading.new(**reading.UNALTERED)
    if any("duplicate" in warning for warning in reading.read(highs, path)):
        return None
    return reading.arrays(highs)


def solve(task: Task, workspace: Workspace) -> SolverOutput:
    """Read the instance, solve it within the limits, and return the solver output."""
    highspy.Highs.resetGlobalScheduler(True)
    guard = Guard(task.limits)
    highs = reading.new()
    changed = _set(highs, _params(task))
    lines = [f"{name} = {value}\n" for name, value in changed.items()]
    workspace.settings.write_text("".join(lines))
    read_time = time.perf_counter()
    warnings = reading.read(highs, task.instance.path)
    read_time = time.perf_counter() - read_time
    problem, names = _understand(highs)
    _give_start(highs, names, task, workspace)
    workspace.solving.touch()
    events = Events(highs, task.limits.clock, guard, LiveBounds(workspace.bounds).show)
    guard.restart_clock()
    started_at, wall, cpu = time.time(), time.perf_counter(), time.process_time()
    with guard.interruptible():
        failed = highs.run() == HighsStatus.kError
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    if failed:
        errors = [line for line in events.lines if "ERROR" in line]
        raise _error(reading.reason(errors))
    answer = SolverOutput(
        **outcome.claims(highs, events, guard.reason),
        read_time_s=read_time,
        solve_wall_s=wall,
        solve_cpu_s=cpu,
        solve_started_at=started_at,
        problem=problem,
        params=changed,
        versions=versions(),
        reader_warnings=warnings,
    )
    outcome.write(highs, names, answer.primal_bound, workspace)
    return answer


@cache
def versions() -> dict[str, str]:
    """Return the versions of HiGHS and highspy, without creating a HiGHS object."""
    numbers = (
        highspy.HIGHS_VERSION_MAJOR,
        highspy.HIGHS_VERSION_MINOR,
        highspy.HIGHS_VERSION_PATCH,
    )
    return {"highs": ".".join(map(str, numbers)), "highspy": metadata.version("highspy")}


def _params(task: Task) -> dict[str, ParameterValue]:
    """Return every option to set: limits and seed first, then the setting's own."""
    limits = task.limits
    params: dict[str, ParameterValue] = {"threads": limits.threads or 1}
    if limits.time_s is not None and limits.clock is Clock.WALL:
        params["time_limit"] = float(limits.time_s)
    if limits.nodes is not None:
        params["mip_max_nodes"] = min(limits.nodes, outcome.UNLIMITED)
    if limits.gap is not None:
        params["mip_rel_gap"] = float(limits.gap)
    if task.seed:
        params["random_seed"] = task.seed
    return params | dict(task.setting.params)


def _set(highs: highspy.Highs, params: Mapping[str, ParameterValue]) -> dict[str, ParameterValue]:
    """Set options and return those that now differ from the default.

    Raise SolverError if HiGHS rejects one.
    """
    changed: dict[str, ParameterValue] = {}
    for name, value in params.items():
        _, before = highs.getOptionValue(name)
        if highs.setOptionValue(name, value) == HighsStatus.kError:
            raise SolverError(f"HiGHS refuses the option {name} = {value!r}")
        _, after = highs.getOptionValue(name)
        if after != before:
            changed[name] = after
    return changed


def _error(reason: str) -> SolverError:
    """Return the error of a solve that HiGHS did not begin, or aborted."""
    if "Cannot solve" in reason:
        return UnsupportedError(f"HiGHS does not solve this class of problems: {reason}")
    return SolverError(f"HiGHS fails: {reason}")


def _give_start(highs: highspy.Highs, names: list[str], task: Task, workspace: Workspace) -> None:
    """Set the start solution, if there is one.

    HiGHS ignores one that is not feasible.
    """
    values = start_values(task, workspace, names)
    if values is not None:
        numbers = np.array([values.get(name, 0.0) for name in names])
        highs.setSolution(len(names), np.arange(len(names), dtype=np.int32), numbers)


def _understand(highs: highspy.Highs) -> tuple[ProblemStatistics, list[str]]:
    """Return the problem statistics and the names of the columns.

    Raise UnsupportedError for a problem that HiGHS has read but does not solve.
    """
    program = reading.program(highs)
    problem = statistics(program)
    if highs.getHessianNumNz() and problem.n_bins + problem.n_ints:
        raise UnsupportedError(
            "HiGHS cannot solve problems with integer columns and quadratic terms"
        )
    if not reading.is_convex(highs):
        raise UnsupportedError("HiGHS cannot solve nonconvex quadratic problems")
    return problem, [column.name for column in program.columns]
