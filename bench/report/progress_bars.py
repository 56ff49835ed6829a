"""Progress as bars of tqdm: how many tasks are done, with which verdicts, how long it may take."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

from tqdm import tqdm

from bench.model.result import Result
from bench.model.task import Task
from bench.model.verdict import FAILURES, Category
from bench.planning.estimate import Forecast, duration_text
from bench.report.listener import Listener

SHOWN = 2
"""So many of the running tasks are named."""
PATIENCE_S = 1.0
"""A bar of a step appears after so many seconds."""


class ProgressBars(Listener):
    """Shows one bar at a time: in a notebook that of tqdm's widgets, else one on stderr."""

    def __init__(self) -> None:
        """Show nothing yet."""
        self._bar: tqdm[Any] | None = None
        self._counts: Counter[Category] = Counter()
        self._running: dict[str, str] = {}
        self._forecast = Forecast([])

    def make_bar(self, **arguments: Any) -> tqdm[Any]:
        """Return a new bar with these arguments of tqdm."""
        from tqdm.auto import tqdm as bar  # noqa: PLC0415 - warns in a notebook without widgets

        return bar(**arguments)

    def message(self, line: str) -> None:
        """Print the line on stderr, beside the bar."""
        tqdm.write(line, sys.stderr)

    def step_started(self, name: str, total: int | None, unit: str) -> None:
        """Show a bar, should the step take long."""
        self._close()
        self._bar = self.make_bar(
            desc=name, total=total, unit=unit, leave=False, delay=PATIENCE_S if total else 0
        )

    def step_advanced(self, n: int, text: str = "") -> None:
        """Move the bar on."""
        if self._bar is not None:
            if text:
                self._bar.set_postfix_str(text, refresh=not n)
            self._bar.update(n)

    def step_ended(self) -> None:
        """Remove the bar."""
        self._close()

    def tasks_started(self, forecast: Forecast, n_finished: int) -> None:
        """Show a bar of the tasks."""
        self._close()
        self._forecast = forecast
        self._counts.clear()
        self._running.clear()
        self._bar = self.make_bar(
            total=n_finished + forecast.n_tasks,
            initial=n_finished,
            unit="task",
            dynamic_ncols=True,
            bar_format="{percentage:3.0f}%|{bar:20}| {n_fmt}/{total_fmt} [{elapsed}{postfix}]",
        )

    def task_started(self, task: Task) -> None:
        """Name the task beside the bar."""
        self._running[task.key] = task.instance.label
        if self._bar is not None and not self._bar.disable:
            self._bar.set_postfix_str(self.text())

    def task_finished(self, result: Result) -> None:
        """Count the result."""
        self._running.pop(result.task.key, None)
        self._counts[result.verdict.category] += 1
        self._forecast.done(result)
        if self._bar is not None:
            if not self._bar.disable:
                self._bar.set_postfix_str(self.text(), refresh=False)
            self._bar.update()

    def tasks_ended(self) -> None:
        """Leave the bar as it is."""
        self._close()

    def text(self) -> str:
        """Return the counts of verdicts, how long the rest may take, and what is running."""
        counts = self._counts
        solved = counts[Category.SOLVED] + counts[Category.UNCONFIRMED]
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

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
