"""Progress and messages on stderr: a bar on a terminal, a line a minute elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import AbstractContextManager
from typing import Any

import click
from tqdm import tqdm

from bench.cli.shared.interruption import Interruption
from bench.model.result import Result
from bench.planning.estimate import Forecast
from bench.report.progress_bars import ProgressBars

LINE_EVERY_S = 60.0


class TerminalListener(ProgressBars):
    """Shows progress on stderr, and stops what is executed as the user asks by signals."""

    interrupt_patience_s = 0.5

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__()
        self._interruption = Interruption()
        self._n_done = self._total = 0
        self._next_line = 0.0

    def make_bar(self, **arguments: Any) -> tqdm[Any]:
        """Return a bar on stderr, which shows nothing where that is no terminal."""
        return tqdm(**arguments, file=sys.stderr, disable=None)

    def executing(self) -> AbstractContextManager[object]:
        """Return what listens to signals while it is open."""
        return self._interruption

    def should_continue(self) -> bool:
        """Return whether the user has not asked to stop."""
        return self._interruption.should_continue()

    def tasks_started(self, forecast: Forecast, n_finished: int) -> None:
        """Begin to count."""
        self._n_done, self._total = n_finished, n_finished + forecast.n_tasks
        self._next_line = time.monotonic() + LINE_EVERY_S
        super().tasks_started(forecast, n_finished)

    def task_finished(self, result: Result) -> None:
        """Count the result; without a terminal print a line now and then."""
        super().task_finished(result)
        self._n_done += 1
        if time.monotonic() >= self._next_line and not sys.stderr.isatty():
            self._next_line = time.monotonic() + LINE_EVERY_S
            click.echo(f"{self._n_done}/{self._total} tasks, {self.text()}", err=True)
