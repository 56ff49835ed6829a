"""Launching tasks in processes of their own, through the standard library's fork server."""

from __future__ import annotations

import multiprocessing
import shutil
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import ModuleType

from bench.errors import TrackingError
from bench.execution.process import task_files
from bench.execution.process.classify import classify
from bench.execution.process.messages import (
    BadContentError,
    SupervisorReport,
    read_json,
    read_solver_report,
)
from bench.execution.process.request import ExecutionRequest
from bench.execution.process.supervisor import supervise
from bench.execution.process.verifier_process import conclusion
from bench.model.instance import Instance
from bench.model.result import Outcome
from bench.model.setting import Setting
from bench.model.solver_output import SolverOutput
from bench.model.task import Task
from bench.model.workspace import Workspace

PRELOAD = "bench.execution.process.forkserver"
PRELOAD_READERS = "bench.solvers.preload_readers"
"""Loads what reads instances to check and compare; for `prepare`."""
TAIL_BYTES = 8192
NEEDED_BYTES = 1 << 20
"""With less free space than this, files that did not arrive are blamed on the disk."""
CHILDREN = threading.RLock()
"""Held while a process starts or is collected: multiprocessing keeps its list of them unguarded."""


def prepare(modules: Iterable[str]) -> None:
    """Start the fork server with these modules of solvers loaded.

    It loads them in the background. One that runs already stays as it is. It ends with the thread
    that started it, and all that it executes; the next one starts another.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOAD, *modules])
    forkserver.ensure_running()


def prepare_for_good(modules: Iterable[str]) -> None:
    """Do what `prepare` does, from a thread of its own, which lasts as long as this process.

    For callers that do not know how long their own thread lasts.
    """
    ready = threading.Event()

    def keep() -> None:
        try:
            prepare(modules)
        finally:
            ready.set()
        threading.Event().wait()

    threading.Thread(target=keep, name="bench-fork-server", daemon=True).start()
    ready.wait()


def start(process: ForkServerProcess) -> None:
    """Start a process that does not import the program which called bench.

    multiprocessing would: a script without ``if __name__ == "__main__"`` would begin again in each
    process. What is started here needs nothing but bench.
    """
    with CHILDREN:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            process.start()
        finally:
            sys.modules["__main__"] = main


def inspect(instance: Instance, solver: str, folder: Path) -> SolverOutput:
    """Return the problem statistics of an instance, read in a process of its own."""
    if instance.defect is not None:
        return SolverOutput(error=instance.defect)
    task = Task(
        instance=instance, setting=Setting(name="inspect", solver=solver), solver_version=""
    )
    launched = LaunchedTask(ExecutionRequest(task=task, folder=folder / task.key, read_only=True))
    wait([launched.sentinel])
    return launched.outcome().answer


class LaunchedTask:
    """A task that is being executed."""

    def __init__(self, request: ExecutionRequest) -> None:
        """Start the order's supervisor, which starts the solver."""
        shutil.rmtree(request.folder, ignore_errors=True)
        _make(request.folder)
        if request.start is not None:
            Workspace(request.folder).write_start(request.start)
        self.order = request
        self._started_at = time.time()
        context = multiprocessing.get_context("forkserver")
        self._process: ForkServerProcess = context.Process(target=supervise, args=(request,))
        start(self._process)

    @property
    def sentinel(self) -> int | Connection:
        """What :func:`multiprocessing.connection.wait` waits for: the end of the task."""
        return self._process.sentinel

    def stop(self) -> None:
        """End the task at once; its outcome is that it was interrupted."""
        self._process.terminate()

    def outcome(self) -> Outcome:
        """Return what came out; only once the sentinel is ready.

        Raise TrackingError where the disk is so full that nothing could be handed over: that is
        no fault of the solver and must not become its result.
        """
        with CHILDREN:
            self._process.join()
            code = self._process.exitcode or 0
            self._process.close()
        folder = self.order.folder
        solver_report = read_solver_report(folder)
        supervisor_report = _read_supervisor_report(folder)
        if (supervisor_report is None or solver_report is None) and _full(folder):
            raise TrackingError(f"{folder}: no space left on the disk; free some and continue")
        supervisor_report = supervisor_report or self._lost(code)
        execution, answer = classify(
            supervisor_report, solver_report, _tail(Workspace(folder).log), self.order.cores
        )
        with suppress(OSError):
            Workspace(folder).solving.unlink()
        return Outcome(
            task=self.order.task,
            answer=answer,
            execution=execution,
            folder=folder,
            verification=conclusion(self.order, answer),
        )

    def _lost(self, code: int) -> SupervisorReport:
        """Return what can be said when the supervisor itself was killed."""
        return SupervisorReport(
            started_at=self._started_at,
            wall_s=time.time() - self._started_at,
            exit_code=code if code >= 0 else None,
            signal=-code if code < 0 else None,
        )


def _read_supervisor_report(folder: Path) -> SupervisorReport | None:
    with suppress(BadContentError):
        return read_json(folder, SupervisorReport)
    return None


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise TrackingError(f"{folder}: cannot be made: {error.strerror}") from error


def _full(folder: Path) -> bool:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(there).free < NEEDED_BYTES


def _tail(path: Path) -> str:
    try:
        return task_files.read_end(path, TAIL_BYTES).decode(errors="replace")
    except OSError:
        return ""
