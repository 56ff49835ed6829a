"""The executor for debugging: tasks in this process, one after the other."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator
from functools import partial

from bench.errors import MachineError
from bench.execution.process import machine
from bench.execution.process.messages import (
    BadContentError,
    SolverReport,
    bad_answer,
    from_json,
    to_json,
    write_json,
)
from bench.execution.process.supervision.classify import WITHOUT_ANSWER
from bench.execution.process.supervision.solver_process import EXIT_FAILED, EXIT_MACHINE, attempt
from bench.execution.process.supervision.verifier_process import conclusion
from bench.execution.protocol import ExecutorConfig
from bench.execution.request import ExecutionRequest
from bench.execution.solution_check import is_checkable, verify
from bench.execution.task_queue import TaskQueue
from bench.model.results.process_stats import ProcessStats, Termination
from bench.model.results.result import Outcome
from bench.model.results.solver_output import SolverOutput
from bench.model.task import Task

EVIDENCE = "executed in bench's own process, without hard limits and measurements"


class InProcessExecutor:
    """No isolation: a breakpoint in a solver stops here, and a crash ends everything."""

    def __init__(self, config: ExecutorConfig) -> None:
        """Execute nothing yet; cores and cgroups are ignored."""
        self._config = config
        self._queue = TaskQueue()

    def submit(self, tasks: Iterable[Task]) -> None:
        """Add tasks; each is read from the iterable when the previous one has ended."""
        self._queue.add(tasks)

    def collect(self) -> Iterator[Outcome]:
        """Execute the tasks one after the other and yield their outcomes."""
        while (task := self._queue.take()) is not None:
            self._config.on_start(task)
            try:
                outcome = machine.repeatedly(partial(self._execute, task))
            except MachineError as error:
                self._config.on_lost(task, str(error))
            else:
                yield outcome

    def detach(self) -> None:
        """Cancel: the tasks end with this process."""
        self.cancel()

    def cancel(self) -> None:
        """Drop the waiting tasks; none is running at that time."""
        self._queue.close()

    def _execute(self, task: Task, is_last: bool) -> Outcome:
        try:
            return self._attempt(task, is_last=is_last)
        except OSError as error:
            raise MachineError(machine.text(error)) from error

    def _attempt(self, task: Task, *, is_last: bool) -> Outcome:
        folder = self._config.folder_of(task)
        request = ExecutionRequest(task=task, folder=folder, verify=self._config.verify)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        started_at, wall, cpu = time.time(), time.perf_counter(), time.process_time()
        answer, code = _read_back(*attempt(request))
        if code == EXIT_MACHINE and (lacking := machine.storage_fault(folder)):
            raise MachineError(lacking)
        if code == EXIT_MACHINE and not is_last:
            raise MachineError(answer.error or machine.UNKNOWN)
        execution = ProcessStats(
            termination=_why(answer, code),
            evidence=answer.error or EVIDENCE,
            started_at=started_at,
            wall_s=time.perf_counter() - wall,
            cpu_s=time.process_time() - cpu,
        )
        if request.verify and is_checkable(request, answer.status):
            write_json(folder, verify(request, answer.primal_bound))
        return Outcome(
            task=task,
            answer=answer,
            execution=execution,
            folder=folder,
            verification=conclusion(request, answer),
        )


def _read_back(answer: SolverOutput, code: int) -> tuple[SolverOutput, int]:
    """Return the answer as another process would have passed it on, or why it is invalid."""
    try:
        text = to_json(SolverReport(answer=answer, peak_mib=None))
        return from_json(text, SolverReport).answer, code
    except BadContentError as error:
        return bad_answer(str(error)), EXIT_FAILED


def _why(answer: SolverOutput, code: int) -> Termination:
    if answer.error is None:
        return Termination.NORMAL
    return WITHOUT_ANSWER.get(code, Termination.ERROR)
