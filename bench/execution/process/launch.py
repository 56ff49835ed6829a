"""Launching tasks in processes of their own, through the standard library's fork server."""

from __future__ import annotations

import errno
import multiprocessing
import os
import shutil
import sys
import threading
from contextlib import ExitStack, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import ModuleType

from bench.errors import MachineError
from bench.execution.process import machine, task_files
from bench.execution.process.classify import classify
from bench.execution.process.messages import (
    BadContentError,
    SolverReport,
    SupervisorReport,
    read_json,
    read_solver_report,
)
from bench.execution.process.request import ExecutionRequest
from bench.execution.process.solver_process import EXIT_MACHINE
from bench.execution.process.supervisor import supervise
from bench.execution.process.verifier_process import conclusion
from bench.model.instance import Instance
from bench.model.process_stats import ProcessStats, Termination
from bench.model.result import Outcome
from bench.model.setting import Setting
from bench.model.solver_output import SolverOutput
from bench.model.task import Task
from bench.model.workspace import Workspace

TAIL_BYTES = 8192
CHILDREN = threading.RLock()
"""Held while a process starts or is collected: multiprocessing keeps its list of them unguarded."""
N_DESCRIPTORS = 16
"""More than the start of a process and of a fork server take."""
LONGEST_END_S = 30.0
"""How long the processes of a task that was lost are waited for: they are being killed."""
WITHOUT_ANSWER_BY_ITSELF = frozenset(
    {Termination.SIGNAL, Termination.ERROR, Termination.REFUSED, Termination.UNSUPPORTED}
)
"""Ends without an answer that may be the machine's fault: nobody has stopped the solver."""


def start(process: ForkServerProcess) -> None:
    """Start a process that does not import the program which called bench.

    multiprocessing would: a script without ``if __name__ == "__main__"`` would begin again in each
    process. What is started here needs nothing but bench. MachineError where the fork server has
    just ended, or the machine lacks what a process needs; the next start makes a new fork server.
    """
    with CHILDREN:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            _reserve_descriptors()
            process.start()
        except (OSError, EOFError, MemoryError) as error:
            reason = "the fork server has ended" if _is_gone(error) else machine.text(error)
            raise MachineError(f"no process could be started: {reason}", stops_all=True) from error
        finally:
            sys.modules["__main__"] = main


def _reserve_descriptors() -> None:
    """Raise OSError where there are too few descriptors for a start.

    In the middle of one, multiprocessing would leave a process behind that waits for its task.
    """
    with ExitStack() as opened:
        for _ in range(N_DESCRIPTORS):
            opened.callback(os.close, os.open(os.devnull, os.O_RDONLY))


def _is_gone(error: BaseException) -> bool:
    return isinstance(error, (EOFError, ConnectionError, FileNotFoundError))


def inspect(instance: Instance, solver: str, folder: Path) -> SolverOutput:
    """Return the problem statistics of an instance, read in a process of its own.

    MachineError where the machine keeps it from being read, also after repetitions.
    """
    if instance.defect is not None:
        return SolverOutput(error=instance.defect)
    task = Task(
        instance=instance, setting=Setting(name="inspect", solver=solver), solver_version=""
    )
    request = ExecutionRequest(task=task, folder=folder / task.key, read_only=True)
    return machine.repeatedly(lambda: _executed(request)).answer


def _executed(request: ExecutionRequest) -> Outcome:
    launched = LaunchedTask(request)
    wait([launched.sentinel])
    return launched.outcome()


class LaunchedTask:
    """A task that is being executed."""

    def __init__(self, request: ExecutionRequest) -> None:
        """Start the order's supervisor, which starts the solver.

        MachineError where that is not possible.
        """
        self.order = request
        self._is_stopped = False
        shutil.rmtree(request.folder, ignore_errors=True)
        try:
            request.folder.mkdir(parents=True)
            if request.start is not None:
                Workspace(request.folder).write_start(request.start)
        except OSError as error:
            raise MachineError(
                f"its folder cannot be made: {machine.text(error)}",
                stops_all=machine.fault(error) is not None,
            ) from error
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("forkserver")
        try:
            self._alive, theirs = context.Pipe(duplex=False)
        except OSError as error:
            raise MachineError(machine.text(error), stops_all=True) from error
        self._process: ForkServerProcess = context.Process(
            target=supervise, args=(self.order, theirs)
        )
        try:
            start(self._process)
        except MachineError:
            theirs.close()
            self._wait_for_processes()
            raise
        theirs.close()

    @property
    def sentinel(self) -> int | Connection:
        """What :func:`multiprocessing.connection.wait` waits for: the end of the task."""
        return self._process.sentinel

    def stop(self) -> None:
        """End the task at once; it has no outcome."""
        self._is_stopped = True
        self._process.terminate()

    def wait(self) -> None:
        """Wait until no process of the task is left, for a while at most."""
        self._process.join()
        self._process.close()
        self._wait_for_processes()

    def outcome(self) -> Outcome:
        """Return what came out; only once the sentinel is ready.

        Raise MachineError where that is nothing: the supervisor was lost, or the machine lacked
        what solver or supervisor needed. That is no fault of the solver.
        """
        with CHILDREN:
            self._process.join()
            code = self._process.exitcode or 0
            self._process.close()
        self._wait_for_processes()
        folder = self.order.folder
        solver_report = read_solver_report(folder)
        supervisor_report = _read_supervisor_report(folder)
        if supervisor_report is None or (code and not self._is_stopped):
            raise MachineError(machine.exit_text(code))
        if supervisor_report.stopped is Termination.INTERRUPT and not self._is_stopped:
            raise MachineError(machine.exit_text(errno.EINTR))
        tail = _tail(Workspace(folder).log)
        execution, answer = classify(supervisor_report, solver_report, tail, self.order.cores)
        if fault := _fault_behind(execution, solver_report, tail, folder):
            raise MachineError(fault)
        with suppress(OSError):
            Workspace(folder).solving.unlink()
        return Outcome(
            task=self.order.task,
            answer=answer,
            execution=execution,
            folder=folder,
            verification=conclusion(self.order, answer),
        )

    def _wait_for_processes(self) -> None:
        """Wait until all that the supervisor has forked has ended, so that nobody writes here.

        It has ended by itself where a task has come to its end; where the fork server was killed,
        it is about to. MachineError if it does not.
        """
        ended = wait([self._alive], LONGEST_END_S)
        self._alive.close()
        if not ended:
            raise MachineError("processes of the task did not end", may_be_repeated=False)


def _fault_behind(
    execution: ProcessStats, solver_report: SolverReport | None, tail: str, folder: Path
) -> str | None:
    """Return what of the machine has kept the solver from an answer, None if nothing has.

    On a full disk an answer is not trusted either: its solution may be half there.
    """
    if execution.exit_code == EXIT_MACHINE and solver_report is not None:
        return solver_report.answer.error
    if execution.exit_code == EXIT_MACHINE:
        return machine.fault_in_log(tail) or machine.UNKNOWN
    by_itself = execution.termination in WITHOUT_ANSWER_BY_ITSELF
    return (machine.fault_in_log(tail) if by_itself else None) or machine.fault_now(folder)


def _read_supervisor_report(folder: Path) -> SupervisorReport | None:
    with suppress(BadContentError):
        return read_json(folder, SupervisorReport)
    return None


def _tail(path: Path) -> str:
    try:
        return task_files.read_end(path, TAIL_BYTES).decode(errors="replace")
    except OSError as error:
        machine.raise_fault(error)
        return ""
