"""The verifier: a task's second process, which checks the solution after the solver's has ended.

By then, times, CPU and memory of the task are measured, so the check does not affect them. It has
limits of its own; any error becomes the reason why nothing was checked.
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

from bench.execution.process import machine
from bench.execution.process.messages import (
    BadContentError,
    SolutionClaim,
    read_claim,
    read_json,
    write_json,
)
from bench.execution.process.supervision import child_setup
from bench.execution.request import ExecutionRequest, hard_limits
from bench.execution.solution_check import NO_SOLUTION, is_checkable, skipped, verify
from bench.model.limits import Limits
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verification import Verification
from bench.model.workspace import Workspace

LEAST_S = 60.0
READS = 10.0
"""A check may take as long as this many readings by the solver, and at least ``LEAST_S``."""
LEAST_MIB = 1024.0
"""Its memory limit is the solver's, and at least this, because its rows are Python objects."""

PAUSE_S = 1.0
"""The pause before a second attempt to start a process."""

Check = Callable[[ExecutionRequest, float | None], Verification]


@dataclass(frozen=True, slots=True)
class VerifierLimits:
    """The limits of a check: wall seconds, and MiB (None: unlimited)."""

    wall_s: float
    memory_mib: float | None


def verifier_limits(limits: Limits, read_time_s: float | None) -> VerifierLimits:
    """Return the limits of the check for a task with these limits."""
    memory = hard_limits(limits).memory_mib
    return VerifierLimits(
        wall_s=max(LEAST_S, READS * (read_time_s or 0.0)),
        memory_mib=None if memory is None else max(LEAST_MIB, memory),
    )


def run_verifier(
    request: ExecutionRequest,
    woken: int,
    *,
    check: Check = verify,
    allowed: VerifierLimits | None = None,
) -> None:
    """Check the solution in a separate process and save the findings in the folder.

    For an answer without a solution (infeasible, unbounded), the other solvers that can read the
    instance are determined. Nothing is saved if there is no answer or nothing to check. ``woken``
    becomes readable when this process gets a signal; the check is then given up, as when it exceeds
    ``allowed``.
    """
    claimed = read_claim(request.folder)
    if claimed is None or not is_checkable(request, claimed.status):
        return
    allowed = allowed or verifier_limits(request.task.limits, claimed.read_time_s)
    me = os.getpid()
    try:
        pid = _forked(woken)
    except OSError as error:
        skip(request, not_started(machine.text(error)))
        return
    if pid == 0:
        _check_and_leave(request, claimed, check, allowed, parent=me)
    given_up = _wait(pid, woken, allowed.wall_s)
    _, status = os.waitpid(pid, 0)
    if not Workspace(request.folder).verification.exists():
        skip(request, given_up or _end(os.waitstatus_to_exitcode(status), allowed))


def skip(request: ExecutionRequest, reason: str) -> None:
    """Save the reason why nothing was checked in the folder, if possible."""
    with suppress(OSError):
        write_json(request.folder, skipped(reason))


def not_started(reason: str) -> str:
    """Return the verification for a check for which no process could be started."""
    return f"no process could be started for the check, in two attempts: {reason}"


def conclusion(request: ExecutionRequest, answer: SolverOutput) -> Verification | None:
    """Return the findings or the reason why there are none; None if the order requests no check."""
    if not request.verify:
        return None
    try:
        found = read_json(request.folder, Verification)
    except BadContentError as error:
        return skipped(f"the findings of the check cannot be read: {error}")
    if found is not None:
        return found
    if answer.status is None:
        return skipped("there is no answer")
    if not Workspace(request.folder).solution.is_file():
        return skipped(NO_SOLUTION)
    return skipped("the process that checks it was lost")


def _check_and_leave(
    request: ExecutionRequest,
    claimed: SolutionClaim,
    check: Check,
    allowed: VerifierLimits,
    parent: int,
) -> NoReturn:
    """Check in this (forked) process and end it without any teardown."""
    code = 1
    try:
        child_setup.setup_child(request, os.open(os.devnull, os.O_WRONLY), parent)
        child_setup.set_limits(allowed.memory_mib)
        write_json(request.folder, check(request, claimed.primal_bound))
        code = 0
    finally:
        os._exit(code)


def _forked(woken: int) -> int:
    """Fork; if that fails again after a pause, raise OSError."""
    try:
        return os.fork()
    except OSError:
        select.select([woken], [], [], PAUSE_S)
        return os.fork()


def _wait(pid: int, woken: int, most_s: float) -> str | None:
    """Wait for the process; kill it and return the reason if it has to stop."""
    try:
        ended = os.pidfd_open(pid)
    except OSError as error:
        os.kill(pid, signal.SIGKILL)
        return f"the process that checks it could not be watched: {machine.text(error)}"
    poll = select.poll()
    poll.register(ended, select.POLLIN)
    poll.register(woken, select.POLLIN)
    ready = {fd for fd, _ in poll.poll(1000 * most_s)}
    os.close(ended)
    if ended in ready:
        return None
    os.kill(pid, signal.SIGKILL)
    return "stopped on request" if ready else f"not done after {most_s:g} s"


def _end(code: int, allowed: VerifierLimits) -> str:
    end = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    memory = "" if allowed.memory_mib is None else f", with {allowed.memory_mib:g} MiB allowed"
    return f"the process that checks it ended without a result: {end}{memory}"
