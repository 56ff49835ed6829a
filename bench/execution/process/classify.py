"""From what was observed to an execution: why the process ended, and by what evidence."""

from __future__ import annotations

import signal

from bench.execution.process.messages import Observation, Testimony
from bench.execution.process.solver_process import EXIT_MEMORY, EXIT_REFUSED
from bench.model.answer import Answer
from bench.model.execution import Execution, Termination

BY_STATUS = {
    "timelimit": Termination.TIME,
    "memlimit": Termination.MEMORY,
    "userinterrupt": Termination.INTERRUPT,
}
OUT_OF_MEMORY_WORDS = ("bad_alloc", "insufficient memory", "MemoryError", "Cannot allocate memory")


def classify(
    observation: Observation,
    testimony: Testimony | None,
    log_tail: str,
    cores: frozenset[int] = frozenset(),
) -> tuple[Execution, Answer]:
    """Return what the operating system measured, and the answer as far as there is one."""
    termination, evidence = _why(observation, testimony, log_tail)
    answer = testimony.answer if testimony else Answer(error=f"no answer: {evidence}")
    notes = [evidence]
    if observation.n_leftovers:
        notes.append(f"{observation.n_leftovers} leftover processes killed")
    if observation.n_log_bytes_cut:
        notes.append(f"{observation.n_log_bytes_cut} bytes cut from the middle of the log")
    peaks = (observation.peak_mib, testimony.peak_mib if testimony else None)
    execution = Execution(
        termination=termination,
        evidence="; ".join(notes),
        started_at=observation.started_at,
        wall_s=observation.wall_s,
        cpu_s=observation.cpu_s,
        peak_mib=max((peak for peak in peaks if peak), default=None),
        exit_code=observation.exit_code,
        signal=_name(observation.signal),
        n_involuntary_switches=observation.n_involuntary_switches,
        samples=observation.samples,
        cores=tuple(sorted(cores)),
        noise=observation.noise,
    )
    return execution, answer


def _why(seen: Observation, testimony: Testimony | None, log_tail: str) -> tuple[Termination, str]:
    status = testimony.answer.status if testimony else None
    if seen.stopped is not None:
        end = "killed without an answer" if testimony is None else "it then answered"
        return seen.stopped, f"{seen.evidence}; {end}"
    if seen.exit_code == EXIT_MEMORY:
        return Termination.MEMORY, "the solver's process raised MemoryError"
    if testimony is not None and testimony.answer.error is not None:
        refused = seen.exit_code == EXIT_REFUSED
        return Termination.REFUSED if refused else Termination.ERROR, testimony.answer.error
    if status in BY_STATUS:
        return BY_STATUS[status], f"the solver reports {status}"
    if testimony is not None:
        return Termination.NORMAL, f"the solver reports {status}"
    return _without_answer(seen, log_tail)


def _without_answer(seen: Observation, log_tail: str) -> tuple[Termination, str]:
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
