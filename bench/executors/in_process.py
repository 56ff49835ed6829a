"""The executor for a debugger: tasks in this very process, one after the other."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable
from pathlib import Path

from bench.isolation.order import Order, folder_name
from bench.isolation.solving import attempt
from bench.model.execution import Execution, Termination
from bench.model.result import Outcome
from bench.model.task import Task

EVIDENCE = "executed in the harness's own process: no outer limits, no measures"


class InProcessExecutor:
    """No isolation at all: a breakpoint in a solver stops here, and a crash ends everything."""

    def __init__(self, folder: Path) -> None:
        """Write the tasks' files below the folder."""
        self._folder = folder

    def run(self, tasks: Iterable[Task]) -> Generator[Outcome]:
        """Yield outcomes in the order of the tasks."""
        for task in tasks:
            order = Order(task=task, folder=self._folder / folder_name(task))
            order.folder.mkdir(parents=True, exist_ok=True)
            started_at, wall, cpu = time.time(), time.perf_counter(), time.process_time()
            answer, _ = attempt(order)
            execution = Execution(
                termination=Termination.ERROR if answer.error else Termination.NORMAL,
                evidence=answer.error or EVIDENCE,
                started_at=started_at,
                wall_s=time.perf_counter() - wall,
                cpu_s=time.process_time() - cpu,
            )
            yield Outcome(task=task, answer=answer, execution=execution, folder=order.folder)
