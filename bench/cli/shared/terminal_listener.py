"""Progress and messages on stderr: a bar on a terminal, otherwise a line per minute."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING, Any

import click

from bench.cli.shared.interruption import Interruption
from bench.cli.shared.verbosity import Verbosity, verbosity
from bench.model.results.result import Result
from bench.model.running_task import RunningTask
from bench.planning.estimate import Forecast
from bench.report.progress_bars import ProgressBars
from bench.report.running_text import result_text

if TYPE_CHECKING:
    from tqdm import tqdm

LINE_EVERY_S = 60.0
WARNING = "Warning: "
USUAL = 80, 24
"""The assumed size of a terminal that does not report one."""


class TerminalListener(ProgressBars):
    """Shows progress on stderr, and stops the execution on the user's signals."""

    interrupt_patience_s = 0.5

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__()
        self._interruption = Interruption()
        self._n_done = self._total = 0
        self._next_line = 0.0
        self._verbosity = verbosity()
        self.wants_details = self._verbosity is Verbosity.VERBOSE

    def message(self, line: str) -> None:
        """Print the line; with --quiet only warnings."""
        if self._verbosity > Verbosity.QUIET or line.startswith(WARNING):
            super().message(line)

    def make_bar(self, **arguments: Any) -> tqdm[Any] | None:
        """Return a bar on stderr, None if that is not a terminal."""
        if self._verbosity is Verbosity.QUIET or not sys.stderr.isatty():
            return None
        from tqdm import tqdm  # noqa: PLC0415 - it takes 0.02 s

        if _has_no_size():
            arguments |= {"ncols": USUAL[0], "nrows": USUAL[1], "dynamic_ncols": False}
        made = tqdm(**arguments, file=sys.stderr)
        return None if made.disable else made  # TQDM_DISABLE

    def executing(self) -> AbstractContextManager[object]:
        """Return a context that handles signals."""
        return self._interruption

    def stop_request_means(self, line: str) -> None:
        """Store the line to print at the first Ctrl-C."""
        self._interruption.first = line

    def should_continue(self) -> bool:
        """Return False after the user has asked to stop."""
        return self._interruption.should_continue()

    def tasks_started(self, forecast: Forecast, n_finished: int) -> None:
        """Start counting."""
        self._n_done, self._total = n_finished, n_finished + forecast.n_tasks
        self._next_line = time.monotonic() + LINE_EVERY_S
        super().tasks_started(forecast, n_finished)

    def task_finished(self, result: Result) -> None:
        """Count the result."""
        self._n_done += 1
        super().task_finished(result)
        if self.wants_details and (self._total == 1 or not sys.stderr.isatty()):
            self.message(result_text(result))

    def tasks_running(self, tasks: Sequence[RunningTask]) -> None:
        """Show the progress of the tasks; without a terminal, one line per minute."""
        super().tasks_running(tasks)
        if self._verbosity is Verbosity.QUIET:
            return
        if time.monotonic() >= self._next_line and not sys.stderr.isatty():
            self._next_line = time.monotonic() + LINE_EVERY_S
            parts = [f"{self._n_done}/{self._total} tasks, {self.text()}", *self.running_texts()]
            click.echo("; ".join(parts), err=True)


def _has_no_size() -> bool:
    """Return whether the terminal reports no columns and rows: tqdm would show nothing there."""
    with suppress(OSError, ValueError):
        return os.get_terminal_size(sys.stderr.fileno()).columns == 0
    return False
