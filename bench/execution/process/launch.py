"""Launch tasks in separate processes, through the standard library's fork server."""

from __future__ import annotations

import errno
import multiprocessing
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import ModuleType

from bench.errors import BenchError, MachineError, SolverError
from bench.execution.process import machine, task_files
from bench.execution.process.fork_servers import fork_server, workers
from bench.execution.process.messages import (
    BadContentError,
    SupervisorReport,
    read_claim,
    read_json,
    read_solver_report,
)
from bench.execution.process.supervision import verifier_process
from bench.execution.process.supervision.classify import classify
from bench.execution.process.supervision.solver_process import EXIT_MACHINE
from bench.execution.process.supervision.supervisor import check_alone, supervise
from bench.execution.request import ExecutionRequest
from bench.execution.solution_check import is_checkable
from bench.model.instances.instance import Instance
from bench.model.results.process_stats import ProcessStats, Termination
from bench.model.results.result import Outcome
from bench.model.results.solver_output import SolverOutput
from bench.model.setting import Setting
from bench.model.task import Task
from bench.model.workspace import Workspace
from bench.solvers import registry
from bench.solvers.environments.environment import Environment
from bench.solvers.environments.solver import inside

Process = ForkServerProcess | workers.Supervised

TAIL_BYTES = 8192
CHILDREN = threading.RLock()
"""Held while a process starts or is collected, because multiprocessing's list is not protected."""
N_DESCRIPTORS = 16
"""More file descriptors than the start of a process and of a fork server need."""
LONGEST_END_S = 30.0
"""How long to wait for the processes of a lost task, which are being killed."""


def start(process: ForkServerProcess) -> None:
    """Start a process that does not import the program which called bench.

    multiprocessing would: a script without ``if __name__ == "__main__"`` would start again in each
    process. These processes need only bench. Raise MachineError if the fork server has just ended,
    or the machine lacks what a process needs; the next start makes a new fork server.
    """
    with CHILDREN:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            _reserve_descriptors()
            with fork_server.first_start():
                process.start()
        except (OSError, EOFError, MemoryError) as error:
            reason = "the fork server has ended" if _is_gone(error) else machine.text(error)
            raise MachineError(f"no process could be started: {reason}", stops_all=True) from error
        finally:
            sys.modules["__main__"] = main


def _reserve_descriptors() -> None:
    """Raise OSError if there are too few descriptors for a start.

    If they ran out during a start, multiprocessing would leave a process that waits for its task.
    """
    with ExitStack() as opened:
        for _ in range(N_DESCRIPTORS):
            opened.callback(os.close, os.open(os.devnull, os.O_RDONLY))


def _is_gone(error: BaseException) -> bool:
    return isinstance(error, (EOFError, ConnectionError, FileNotFoundError))


def inspect(instance: Instance, solver: str, folder: Path) -> SolverOutput:
    """Return the problem statistics of an instance, read in a separate process.

    Raise MachineError if the machine prevents reading, also after repetitions.
    """
    if instance.defect is not None:
        return SolverOutput(error=instance.defect)
    task = Task(
        instance=instance, setting=Setting(name="inspect", solver=solver), solver_version=""
    )
    request = ExecutionRequest(task=task, folder=folder / task.key, read_only=True)
    return machine.repeatedly(partial(_executed, request)).answer


def _executed(request: ExecutionRequest, is_last: bool) -> Outcome:
    launched = LaunchedTask(request)
    wait([launched.sentinel])
    while launched.goes_on():
        wait([launched.sentinel])
    return launched.outcome(is_last=is_last)


class LaunchedTask:
    """A running task.

    Its supervisor is forked from the fork server, or from the worker of its solver's environment.
    In the latter case a second process, forked from the fork server, checks the solution.
    """

    def __init__(self, request: ExecutionRequest) -> None:
        """Start the order's supervisor, which starts the solver.

        Raise MachineError if that is not possible.
        """
        self.order = _with_executable(request)
        self._is_stopped = False
        self._failure: str | None = None
        self._code: int | None = None
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
        self._process: Process | None = None
        self._environment: Environment | None = None
        self._start(self._fork_supervisor)

    def _fork_supervisor(self, theirs: Connection) -> Process:
        """Fork the process that executes the task, in the solver's environment.

        Raise SolverError if the environment of the solver cannot be used, MachineError if its
        library cannot be loaded.
        """
        solver = self.order.task.setting.solver
        self._environment = registry.environment(solver)
        if self._environment is None:
            if problem := _why_not_loaded(solver):
                reason = f"solver {solver!r} cannot be loaded: {problem}"
                raise MachineError(reason, may_be_repeated=False)
            return self._forked(supervise, self.order)(theirs)
        return workers.start(self._environment, self.order, theirs)

    def _start(self, fork: Callable[[Connection], Process]) -> None:
        """Start a process of the order; it holds an end of a pipe until its children end."""
        try:
            self._alive, theirs = multiprocessing.Pipe(duplex=False)
        except OSError as error:
            raise MachineError(machine.text(error), stops_all=True) from error
        try:
            self._process = fork(theirs)
        except SolverError as error:
            self._failure = str(error)
        except MachineError:
            theirs.close()
            self._wait_for_processes()
            raise
        theirs.close()

    def _forked(
        self, target: Callable[[ExecutionRequest, Connection], None], request: ExecutionRequest
    ) -> Callable[[Connection], Process]:
        """Return a function that forks a process from the fork server."""

        def fork(theirs: Connection) -> Process:
            context = multiprocessing.get_context("forkserver")
            process = context.Process(target=target, args=(request, theirs))
            start(process)
            return process

        return fork

    @property
    def sentinel(self) -> int | Connection:
        """The object to pass to :func:`multiprocessing.connection.wait`; then check `goes_on`."""
        return self._alive if self._process is None else self._process.sentinel

    def goes_on(self) -> bool:
        """Return whether the task continues, with another sentinel, after the one that is ready.

        If its solution is to be checked and no process can be started for that in two attempts, the
        task ends, and its verification says so.
        """
        if self._environment is None or self._process is None or self._code is not None:
            return False
        self._collect()
        if not self._is_to_be_checked():
            return False
        request = replace(self.order, task=inside(self.order.task, self._environment))
        for pause_s in (verifier_process.PAUSE_S, 0.0):
            try:
                self._start(self._forked(check_alone, request))
            except MachineError as error:
                reason = str(error)
                time.sleep(pause_s)
            else:
                return True
        verifier_process.skip(request, verifier_process.not_started(reason))
        return False

    def _is_to_be_checked(self) -> bool:
        """Return whether the task was executed and its answer has something to check."""
        if self._is_stopped or self._code or not self.order.verify:
            return False
        claimed = read_claim(self.order.folder)
        return claimed is not None and is_checkable(self.order, claimed.status)

    def stop(self) -> None:
        """End the task at once, without an outcome."""
        self._is_stopped = True
        if self._process is not None:
            self._process.terminate()

    def wait(self) -> None:
        """Wait until no process of the task is left, for a limited time."""
        self._collect()

    def _collect(self) -> None:
        """Wait for the present process of the order, if any, and all processes that it forked.

        The exit code of the first one, which executes the task, is kept.
        """
        process, self._process = self._process, None
        if process is None:
            return
        with CHILDREN:
            process.join()
            code = process.exitcode or 0
            process.close()
        self._code = code if self._code is None else self._code
        self._wait_for_processes()

    def outcome(self, *, is_last: bool = False) -> Outcome:
        """Return the outcome; only after the sentinel is ready.

        Raise MachineError if there is none: the supervisor was lost, or the machine lacked
        something that solver or supervisor needed. This is not the solver's fault. If only the
        solver reports a lack, and the machine lacks nothing, the task is repeated; a failure in the
        last attempt is the solver's own.
        """
        if self._failure is not None:
            return self._without_solver(self._failure)
        self._collect()
        code = self._code or 0
        folder = self.order.folder
        solver_report = read_solver_report(folder)
        supervisor_report = _read_supervisor_report(folder)
        if supervisor_report is None or (code and not self._is_stopped):
            raise MachineError(machine.exit_text(code))
        if supervisor_report.stopped is Termination.INTERRUPT and not self._is_stopped:
            raise MachineError(machine.exit_text(errno.EINTR))
        tail = _tail(Workspace(folder).log)
        execution, answer = classify(supervisor_report, solver_report, tail, self.order.cores)
        if fault := supervisor_report.lacking or machine.storage_fault(folder):
            raise MachineError(fault)
        if execution.exit_code == EXIT_MACHINE and not is_last:
            raise MachineError((solver_report and solver_report.answer.error) or machine.UNKNOWN)
        for mark in (Workspace(folder).solving, Workspace(folder).bounds):
            with suppress(OSError):
                mark.unlink()
        return Outcome(
            task=self.order.task,
            answer=answer,
            execution=execution,
            folder=folder,
            verification=verifier_process.conclusion(self.order, answer),
        )

    def _without_solver(self, reason: str) -> Outcome:
        """Return the outcome of a task if the environment of its solver cannot be used."""
        self._alive.close()
        answer = SolverOutput(error=reason)
        return Outcome(
            task=self.order.task,
            answer=answer,
            execution=ProcessStats(
                termination=Termination.ERROR,
                evidence=reason,
                started_at=time.time(),
                wall_s=0.0,
            ),
            folder=self.order.folder,
            verification=verifier_process.conclusion(self.order, answer),
        )

    def _wait_for_processes(self) -> None:
        """Wait until all processes of the supervisor have ended, so that nothing writes here.

        If the task has ended normally, the supervisor has ended by itself; if the fork server was
        killed, it is about to. Raise MachineError if it does not.
        """
        ended = wait([self._alive], LONGEST_END_S)
        self._alive.close()
        if not ended:
            raise MachineError("processes of the task did not end", may_be_repeated=False)


def _why_not_loaded(solver: str) -> str | None:
    """Return why the library of a solver cannot be loaded, None if there is no known reason."""
    with suppress(BenchError):  # the process of the task reports it
        return fork_server.why_not_loaded(registry.load(solver).preload)
    return None


def _with_executable(request: ExecutionRequest) -> ExecutionRequest:
    """Return the request with the executable of its solver, if it is one.

    Other processes may not find it by name, because they get few environment variables.
    """
    with suppress(SolverError):
        found = registry.executable(request.task.setting.solver)
        if found is not None:
            return replace(request, executable=found)
    return request


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
