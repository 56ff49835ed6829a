"""Classify an execution: why the process ended, and by which evidence."""

from __future__ import annotations

import signal

from bench.execution.process.messages import SolverReport, SupervisorReport
from bench.execution.process.supervision.solver_process import (
    EXIT_MEMORY,
    EXIT_REFUSED,
    EXIT_UNSUPPORTED,
)
from bench.model.results.process_stats import ProcessStats, Termination
from bench.model.results.solver_output import SolverOutput

BY_STATUS = {
    "timelimit": Termination.TIME,
    "memlimit": Termination.MEMORY,
    "userinterrupt": Termination.INTERRUPT,
}
WITHOUT_ANSWER = {
    EXIT_REFUSED: Termination.REFUSED,
    EXIT_UNSUPPORTED: Termination.UNSUPPORTED,
}
"""Why there is no answer, by the exit code of the solver's process; all others are errors."""
OUT_OF_MEMORY_WORDS = ("bad_alloc", "insufficient memory", "MemoryError", "Cannot allocate memory")


def classify(
    supervisor_report: SupervisorReport,
    solver_report: SolverReport | None,
    log_tail: str,
    cores: frozenset[int] = frozenset(),
) -> tuple[ProcessStats, SolverOutput]:
    """Return the measurements of the operating system, and the answer if there is one."""
    termination, evidence = _why(supervisor_report, solver_report, log_tail)
    answer = solver_report.answer if solver_report else SolverOutput(error=f"no answer: {evidence}")
    notes = [evidence]
    if supervisor_report.n_leftovers:
        notes.append(f"{supervisor_report.n_leftovers} leftover processes killed")
    if supervisor_report.n_log_bytes_cut:
        notes.append(f"{supervisor_report.n_log_bytes_cut} bytes cut from the middle of the log")
    peaks = (supervisor_report.peak_mib, solver_report.peak_mib if solver_report else None)
    execution = ProcessStats(
        termination=termination,
        evidence="; ".join(notes),
        started_at=supervisor_report.started_at,
        wall_s=supervisor_report.wall_s,
        cpu_s=supervisor_report.cpu_s,
        peak_mib=max((peak for peak in peaks if peak), default=None),
        exit_code=supervisor_report.exit_code,
        signal=_name(supervisor_report.signal),
        n_involuntary_switches=supervisor_report.n_involuntary_switches,
        samples=supervisor_report.samples,
        cores=tuple(sorted(cores)),
        noise=supervisor_report.noise,
    )
    return execution, answer


def _why(
    seen: SupervisorReport, solver_report: SolverReport | None, log_tail: str
) -> tuple[Termination, str]:
    status = solver_report.answer.status if solver_report else None
    if seen.stopped is not None:
        end = "killed without an answer" if solver_report is None else "then the solver answered"
        if seen.answer_code is not None and seen.signal is not None:
            end = "the signal ended it, and its answer is the last one it wrote"
        return seen.stopped, f"{seen.evidence}; {end}"
    code = seen.exit_code if seen.answer_code is None else seen.answer_code
    if code == EXIT_MEMORY:
        return Termination.MEMORY, "the solver's process raised MemoryError"
    if solver_report is not None and solver_report.answer.error is not None:
        why = WITHOUT_ANSWER.get(code or 0, Termination.ERROR)
        return why, solver_report.answer.error
    if status in BY_STATUS:
        return BY_STATUS[status], f"the solver reports {status}"
    if solver_report is not None:
        return Termination.NORMAL, f"the solver reports {status}"
    return _without_answer(seen, log_tail)


def _without_answer(seen: SupervisorReport, log_tail: str) -> tuple[Termination, str]:
    end = f"killed by {_name(seen.signal)}" if seen.signal else f"exit code {seen.exit_code}"
    words = next((words for words in OUT_OF_MEMORY_WORDS if words in log_tail), None)
    if words and (seen.signal in {signal.SIGABRT, signal.SIGSEGV} or not seen.signal):
        return Termination.MEMORY, f"{end} after {words!r} in the log"
    if seen.signal == signal.SIGXCPU:
        return Termination.TIME, "SIGXCPU from the kernel at the hard CPU limit"
    if seen.signal:
        return Termination.SIGNAL, f"{end}, not by bench"
    return Termination.ERROR, f"the solver's process ended without an answer, {end}"


def _name(number: int | None) -> str | None:
    if number is None:
        return None
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
