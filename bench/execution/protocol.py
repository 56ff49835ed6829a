"""The port through which tasks are executed."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Protocol

from bench.model.result import Outcome
from bench.model.task import Task


class Executor(Protocol):
    """Executes tasks, each in its own limited and measured process."""

    def run(self, tasks: Iterable[Task]) -> Generator[Outcome]:
        """Yield outcomes as they come; closing the generator cancels the rest."""
        ...
