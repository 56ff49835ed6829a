"""Progress as tqdm bars: how many tasks are done, their verdicts, and the remaining time."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from bench.model.planned_task import planned_task
from bench.model.printable import escaped
from bench.model.results.result import Result
from bench.model.results.verdict import FAILURES, Category
from bench.model.running_task import RunningTask
from bench.model.task import Task
from bench.planning.estimate import Forecast, duration_text
from bench.report.listener import Listener
from bench.report.running_text import result_text, running_text

if TYPE_CHECKING:
    from tqdm import tqdm

SHOWN = 3
"""The number of running tasks with a line of their own."""
PATIENCE_S = 1.0
"""The bar of a step appears after this many seconds."""


class ProgressBars(Listener):
    """Shows one bar at a time, and below that of tasks a line for each running task.

    In a notebook these are tqdm's widgets, else lines on stderr. Results are shown above them as
    they arrive.
    """

    def __init__(self) -> None:
        """Show nothing yet."""
        self._bar: tqdm[Any] | None = None
        self._lines: list[tqdm[Any]] = []
        self._counts: Counter[Category] = Counter()
        self._running: dict[str, RunningTask | str] = {}
        self._forecast = Forecast([])
        self._lock = threading.RLock()

    def make_bar(self, **arguments: Any) -> tqdm[Any] | None:
        """Return a new bar with these arguments of tqdm, None if no bar is to be shown."""
        from tqdm.auto import tqdm as bar  # noqa: PLC0415 - warns in a notebook without widgets

        made = bar(**arguments)
        return None if made.disable else made

    def message(self, line: str) -> None:
        """Print the line on stderr, next to the bar."""
        text = escaped(line, keep="\n\t")
        if self._bar is None:
            sys.stderr.write(f"{text}\n")
        else:
            self._bar.write(text, sys.stderr)

    def step_started(self, name: str, total: int | None, unit: str) -> None:
        """Show a bar if the step takes long."""
        self._close()
        look = {"delay": PATIENCE_S} if total else {"bar_format": "{desc} [{elapsed}{postfix}]"}
        self._bar = self.make_bar(desc=name, total=total, unit=unit, leave=False, **look)

    def step_advanced(self, n: int, text: str = "") -> None:
        """Advance the bar."""
        bar = self._bar
        if bar is None:
            return
        if text:
            bar.set_postfix_str(text, refresh=False)
        bar.update(n)
        if not n and time.time() >= bar.start_t + (bar.delay or 0.0):
            bar.refresh()
            bar.last_print_t = time.time()  # else it takes itself for not shown yet

    def step_ended(self) -> None:
        """Remove the bar."""
        self._close()

    def tasks_started(self, forecast: Forecast, n_finished: int) -> None:
        """Show a bar of the tasks."""
        with self._lock:
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
        """Show the name of the task next to the bar."""
        with self._lock:
            self._running[task.key] = planned_task(task).name
            self._draw()

    def tasks_running(self, tasks: Sequence[RunningTask]) -> None:
        """Show the progress of the tasks."""
        with self._lock:
            self._running.update({one.key: one for one in tasks if one.key in self._running})
            self._draw()

    def task_finished(self, result: Result) -> None:
        """Count the result, and show it above the bar."""
        with self._lock:
            self._running.pop(result.task.key, None)
            self._counts[result.verdict.category] += 1
            self._forecast.done(result)
            if self._bar is not None:
                if (self._bar.total or 0) > 1:
                    self.message(result_text(result))
                self._bar.update()
                self._draw()

    def tasks_ended(self) -> None:
        """Leave the bar, without running tasks."""
        with self._lock:
            self._running.clear()
            self._draw()
            self._close()

    def text(self) -> str:
        """Return the counts of verdicts, and the estimated remaining time."""
        counts = self._counts
        solved = counts[Category.SOLVED] + counts[Category.UNCONFIRMED]
        parts = [f"{solved} solved"]
        for category, word in ((Category.LIMIT, "at a limit"), (Category.WRONG, "WRONG")):
            if counts[category]:
                parts.append(f"{counts[category]} {word}")
        if n_failed := sum(counts[category] for category in FAILURES):
            parts.append(f"{n_failed} failed")
        if self._forecast.n_tasks:
            left = self._forecast.left({one.key: one.elapsed_s for one in self._seen()})
            expected = "?" if left.expected_s is None else duration_text(left.expected_s)
            worst = "" if left.worst_s is None else f", at most {duration_text(left.worst_s)}"
            parts.append(f"ETA {expected}{worst}")
        return ", ".join(parts)

    def running_texts(self) -> list[str]:
        """Return a line for each of the first running tasks, and the number of the others.

        A task that has just begun is shown only with its name.
        """
        running = list(self._running.values())
        lines = [one if isinstance(one, str) else running_text(one) for one in running[:SHOWN]]
        if len(running) > SHOWN:
            lines[-1] += f"  (+{len(running) - SHOWN} more)"
        return lines

    def _seen(self) -> Iterator[RunningTask]:
        return (one for one in self._running.values() if isinstance(one, RunningTask))

    def _draw(self) -> None:
        """Update the bar and the lines below it."""
        if self._bar is None:
            return
        self._bar.set_postfix_str(self.text())
        texts = self.running_texts()
        while len(self._lines) < len(texts):
            new = self.make_bar(
                bar_format="{desc}", position=len(self._lines) + 1, leave=False, total=0
            )
            if new is None:
                return
            self._lines.append(new)
        width = shutil.get_terminal_size().columns - 3
        for line, text in zip_longest(self._lines, texts, fillvalue=""):
            if not isinstance(line, str):
                line.set_description_str(f"  {text[:width]}")

    def _close(self) -> None:
        for line in reversed(self._lines):
            line.close()
        self._lines.clear()
        if self._bar is not None:
            self._bar.close()
            self._bar = None
