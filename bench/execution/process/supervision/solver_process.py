"""The solver's process: sets its own limits, solves one task, and ends at once."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn

from bench.errors import BenchError, InstanceError, UnsupportedError
from bench.execution.host import meter
from bench.execution.process import machine
from bench.execution.process.compress import compress_statistics
from bench.execution.process.messages import BadContentError, SolverReport, bad_answer, write_json
from bench.execution.process.supervision import child_setup
from bench.execution.request import ExecutionRequest, hard_limits
from bench.model.results.solver_output import SolverOutput
from bench.model.workspace import Workspace
from bench.solvers import registry

EXIT_ANSWERED = 0
EXIT_REFUSED = 10
EXIT_MEMORY = 11
EXIT_FAILED = 12
EXIT_UNSUPPORTED = 13
EXIT_MACHINE = 83
"""The exit code if the machine prevented an answer; few other programs use this number."""


def solve_and_leave(request: ExecutionRequest, log: int, parent: int) -> NoReturn:
    """Solve the order's task in this (forked) process and end it without any teardown.

    A solver that has run out of memory may crash while its objects are destroyed; at that time the
    answer is written, and ``os._exit`` skips the rest.
    """
    code = EXIT_FAILED
    try:
        child_setup.setup_child(request, log, parent)
        limits = hard_limits(request.task.limits)
        child_setup.set_limits(limits.memory_mib, limits.cpu_of_both_s)
        answer, code = attempt(request, isolated=True)
        try:
            write_json(request.folder, SolverReport(answer=answer, peak_mib=meter.own_peak_mib()))
        except BadContentError as error:
            code = EXIT_FAILED
            write_json(request.folder, SolverReport(answer=bad_answer(str(error)), peak_mib=None))
    except BaseException as error:  # noqa: BLE001  whatever it is, it belongs into the log
        traceback.print_exc()
        sys.stderr.flush()
        code = EXIT_MACHINE if machine.fault(error, machine.FAULTS) else EXIT_FAILED
    finally:
        os._exit(code)


def attempt(request: ExecutionRequest, *, isolated: bool = False) -> tuple[SolverOutput, int]:
    """Solve; an error becomes an answer that gives the reason.

    If this process exists only for the task (``isolated``), it becomes the executable that solves
    the task, and this function does not return.
    """
    return without_raising(request, lambda: _solved(request, isolated=isolated))


def _solved(request: ExecutionRequest, *, isolated: bool) -> object:
    if request.executable is None:
        solver = registry.load(request.task.setting.solver)
    else:
        executable = registry.executable_solver(request.executable)
        if isolated and not request.read_only:
            executable.become(request.task, Workspace(request.folder))
        solver = executable
    if request.read_only:
        return solver.inspect(request.task.instance.path)
    workspace = Workspace(request.folder)
    answer = solver.solve(request.task, workspace)
    compress_statistics(workspace)
    return answer


def without_raising(
    request: ExecutionRequest, solve: Callable[[], object]
) -> tuple[SolverOutput, int]:
    """Return the result of a solve and its exit code; an error becomes an answer that says so."""
    try:
        return _answered(solve())
    except Exception as error:  # noqa: BLE001  a solver may raise anything
        lacking = machine.fault(error, machine.FAULTS)
        if lacking is not None and not _is_held(request, lacking):
            traceback.print_exc()
            return SolverOutput(error=machine.text(lacking)), EXIT_MACHINE
        return _without_answer(error)


def _is_held(request: ExecutionRequest, lacking: OSError) -> bool:
    """Return whether a solver has reached the task's own memory limit."""
    return lacking.errno == errno.ENOMEM and request.task.limits.memory_mib is not None


def _without_answer(error: Exception) -> tuple[SolverOutput, int]:
    match error:
        case InstanceError():
            return SolverOutput(error=str(error)), EXIT_REFUSED
        case UnsupportedError():
            return SolverOutput(error=str(error)), EXIT_UNSUPPORTED
        case BenchError():
            return SolverOutput(error=str(error)), EXIT_FAILED
        case MemoryError():
            return SolverOutput(error=f"out of memory: {str(error) or 'MemoryError'}"), EXIT_MEMORY
    traceback.print_exception(error)
    return SolverOutput(error=f"{type(error).__name__}: {error}"), EXIT_FAILED


def _answered(answer: object) -> tuple[SolverOutput, int]:
    if isinstance(answer, SolverOutput):
        return answer, EXIT_ANSWERED
    kind = "None" if answer is None else f"of type {type(answer).__name__}"
    return bad_answer(f"it is {kind}, not a SolverOutput"), EXIT_FAILED
