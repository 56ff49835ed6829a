"""Progress of a tuning: one bar of CPU seconds, and the leading setting."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

from bench.model.running_task import RunningTask
from bench.report.listener import Listener


class TuningListener(Listener):
    """Passes on messages and interrupts, and shows the budget instead of each batch of tasks."""

    def __init__(self, listener: Listener, budget_s: float) -> None:
        """Pass events on to another listener."""
        self._listener = listener
        self._budget_s = budget_s
        self._shown_s: int | None = None
        self.interrupt_patience_s = listener.interrupt_patience_s
        self.wants_details = listener.wants_details

    def spent(self, spent_s: float, text: str) -> None:
        """Show the spent share of the budget, and the leading setting."""
        if self._shown_s is None:
            self._listener.step_started("tuning", round(self._budget_s), "CPU s")
            self._shown_s = 0
        self._listener.step_advanced(round(spent_s) - self._shown_s, text)
        self._shown_s = round(spent_s)

    def message(self, line: str) -> None:
        """Pass the line on."""
        self._listener.message(line)

    def step_started(self, name: str, total: int | None, unit: str) -> None:
        """Pass on a step that begins after the race."""
        self._shown_s = None
        self._listener.step_started(name, total, unit)

    def step_advanced(self, n: int, text: str = "") -> None:
        """Pass on the progress of the step."""
        self._listener.step_advanced(n, text)

    def step_ended(self) -> None:
        """Pass on that the step has ended."""
        self._listener.step_ended()

    def executing(self) -> AbstractContextManager[object]:
        """Return the context that is open while tasks are executed."""
        return self._listener.executing()

    def should_continue(self) -> bool:
        """Return whether another task may be started."""
        return self._listener.should_continue()

    def tasks_running(self, tasks: Sequence[RunningTask]) -> None:
        """Show nothing about single tasks."""
