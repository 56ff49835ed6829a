"""The answer of an executable, read from its output and files after it has ended."""

from __future__ import annotations

from contextlib import redirect_stderr

from bench.execution.process.messages import SolverReport, SupervisorReport, make_way, write_json
from bench.execution.process.supervision.log import BoundedLog
from bench.execution.process.supervision.solver_process import without_raising
from bench.execution.request import ExecutionRequest
from bench.model.workspace import Workspace
from bench.solvers import registry
from bench.solvers.executables import prepared as prepared_calls
from bench.solvers.executables.adapter import Line
from bench.solvers.executables.record import Executable
from bench.solvers.executables.solver import Execution


def read_answer(
    request: ExecutionRequest,
    executable: Executable,
    seen: SupervisorReport,
    log: BoundedLog,
    ended_s: float,
) -> int | None:
    """Save the answer of the order's executable in its folder, as a solver's process does.

    Return the exit code that such a process would have, None if there is no answer because it was
    not started or has crashed. ``ended_s`` is the time of its end (monotonic).
    """
    workspace = Workspace(request.folder)
    prepared = prepared_calls.read(workspace)
    if prepared is None:
        return None
    start = prepared.started_s
    execution = Execution(
        lines=tuple(Line(max(0.0, moment - start), text) for moment, text in log.lines()),
        exit_code=seen.exit_code,
        ended_s=ended_s,
        cpu_s=seen.cpu_s,
        stopped=seen.stopped,
    )
    solver = registry.executable_solver(executable)
    with workspace.log.open("a", encoding="utf-8") as errors, redirect_stderr(errors):
        answer, code = without_raising(
            request, lambda: solver.answer(prepared, execution, workspace)
        )
    if answer.status is None and answer.error is None:
        return None
    make_way(request.folder, SolverReport)
    write_json(request.folder, SolverReport(answer=answer, peak_mib=None))
    return code
