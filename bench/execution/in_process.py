"""The executor for a debugger: tasks in this very process, one after the other."""

from __future__ import annotations

import shutil
import time
from collections.abc import Generator, Iterable
from pathlib import Path

from bench.execution.process.messages import hand_over
from bench.execution.process.request import Order, folder_name
from bench.execution.process.solver_process import EXIT_REFUSED, attempt
from bench.execution.process.verifier_process import conclusion
from bench.execution.solution_check import verify
from bench.model.answer import Answer
from bench.model.execution import Execution, Termination
from bench.model.result import Outcome
from bench.model.task import Task
from bench.model.workspace import Workspace

EVIDENCE = "executed in the harness's own process: no outer limits, no measures"


class InProcessExecutor:
    """No isolation at all: a breakpoint in a solver stops here, and a crash ends everything."""

    def __init__(self, folder: Path, *, verify: bool = True) -> None:
        """Write the tasks' files below the folder; check their solutions, or do not."""
        self._folder = folder
        self._verify = verify

    def run(self, tasks: Iterable[Task]) -> Generator[Outcome]:
        """Yield outcomes in the order of the tasks."""
        for task in tasks:
            folder = self._folder / folder_name(task)
            order = Order(task=task, folder=folder, verify=self._verify)
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            started_at, wall, cpu = time.time(), time.perf_counter(), time.process_time()
            answer, code = attempt(order)
            execution = Execution(
                termination=_why(answer, code),
                evidence=answer.error or EVIDENCE,
                started_at=started_at,
                wall_s=time.perf_counter() - wall,
                cpu_s=time.process_time() - cpu,
            )
            if order.verify and Workspace(folder).solution.exists():
                hand_over(folder, verify(order, answer.primal_bound))
            yield Outcome(
                task=task,
                answer=answer,
                execution=execution,
                folder=folder,
                verification=conclusion(order, answer),
            )


def _why(answer: Answer, code: int) -> Termination:
    if code == EXIT_REFUSED:
        return Termination.REFUSED
    return Termination.ERROR if answer.error else Termination.NORMAL
