"""Progress on stderr: a bar on a terminal, a line a minute elsewhere."""

from __future__ import annotations

import sys
import time
from collections import Counter
from types import TracebackType
from typing import Self

import click
from tqdm import tqdm

from bench.model.result import Result
from bench.model.task import Task
from bench.model.verdict import FAILURES, Category
from bench.planning.estimate import Forecast, duration_text

LINE_EVERY_S = 60.0
SHOWN = 2
"""So many of the running tasks are named."""


class Progress:
    """Counts results as they come, and says how long the rest may take."""

    def __init__(self, forecast: Forecast, n_finished: int = 0) -> None:
        """Begin with the tasks of the forecast still to do, and so many done before."""
        self._forecast = forecast
        self._counts: Counter[Category] = Counter()
        self._running: dict[str, str] = {}
        self._n_done = n_finished
        self._total = n_finished + forecast.n_tasks
        self._terminal = sys.stderr.isatty()
        self._next_line = time.monotonic() + LINE_EVERY_S
        self._bar = tqdm(
            total=self._total,
            initial=n_finished,
            unit="task",
            file=sys.stderr,
            disable=not self._terminal,
            dynamic_ncols=True,
            bar_format="{percentage:3.0f}%|{bar:20}| {n_fmt}/{total_fmt} [{elapsed}{postfix}]",
        )

    def __enter__(self) -> Self:
        """Show the bar."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the bar as it is."""
        self._bar.close()

    def started(self, task: Task) -> None:
        """Hear that a task is being executed."""
        self._running[task.key] = task.instance.name
        if self._terminal:
            self._bar.set_postfix_str(self._text())

    def done(self, result: Result) -> None:
        """Hear of a result."""
        self._running.pop(result.task.key, None)
        self._counts[result.verdict.category] += 1
        self._forecast.done(result)
        self._n_done += 1
        if self._terminal:
            self._bar.set_postfix_str(self._text(), refresh=False)
        self._bar.update()
        if not self._terminal and time.monotonic() >= self._next_line:
            self._next_line = time.monotonic() + LINE_EVERY_S
            click.echo(f"{self._n_done}/{self._total} tasks, {self._text()}", err=True)

    def _text(self) -> str:
        counts = self._counts
        solved = counts[Category.SOLVED] + counts[Category.UNVERIFIED]
        parts = [f"{solved} solved"]
        for category, word in ((Category.LIMIT, "limits"), (Category.WRONG, "WRONG")):
            if counts[category]:
                parts.append(f"{counts[category]} {word}")
        if n_failed := sum(counts[category] for category in FAILURES):
            parts.append(f"{n_failed} failed")
        if self._forecast.n_tasks:
            left = self._forecast.left()
            expected = "?" if left.expected_s is None else duration_text(left.expected_s)
            worst = "" if left.worst_s is None else f", at most {duration_text(left.worst_s)}"
            parts.append(f"ETA {expected}{worst}")
        running = list(self._running.values())
        if running:
            more = f" +{len(running) - SHOWN}" if len(running) > SHOWN else ""
            parts.append(", ".join(running[:SHOWN]) + more)
        return ", ".join(parts)
