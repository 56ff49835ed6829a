"""Who hears of what goes on: progress and messages leave the application this way only."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from bench.model.results.result import Result
from bench.model.running_task import RunningTask
from bench.model.task import Task
from bench.planning.estimate import Forecast


class Listener:
    """Hears of progress and messages and shows nothing; a subclass overrides what it wants.

    `message` may be called in another thread, `tasks_running` is, all else comes in the thread of
    the caller. Steps and tasks do not overlap: one bar at a time is enough.
    """

    interrupt_patience_s = 5.0
    """After an interrupt, how long the record that MLflow is being given is waited for."""

    wants_details = False
    """Whether it wants to hear of every note, not only the first ones of a kind."""

    def message(self, line: str) -> None:
        """Hear one line that a user should read: a warning, or what is left to do."""

    def step_started(self, name: str, total: int | None, unit: str) -> None:
        """Hear that a step begins, e.g. ``lint``, with so many units if that is known."""

    def step_advanced(self, n: int, text: str = "") -> None:
        """Hear that so many more units of the step are done, and what it works on."""

    def step_ended(self) -> None:
        """Hear that the step has ended."""

    def executing(self) -> AbstractContextManager[object]:
        """Return what is open while tasks are executed and delivered, e.g. signal handlers."""
        return nullcontext()

    def stop_request_means(self, line: str) -> None:
        """Hear what becomes of running tasks after a request to stop, if they are not finished."""

    def should_continue(self) -> bool:
        """Return whether another task may be started; asked before each of them."""
        return True

    def tasks_started(self, forecast: Forecast, n_finished: int) -> None:
        """Hear that the tasks of a forecast are executed now; so many are finished already."""

    def task_started(self, task: Task) -> None:
        """Hear that a task is started."""

    def tasks_running(self, tasks: Sequence[RunningTask]) -> None:
        """Hear once a second which tasks are being executed, and how far they have come."""

    def task_finished(self, result: Result) -> None:
        """Hear of a result, which is in the journal already."""

    def tasks_ended(self) -> None:
        """Hear that no task is executed any more."""
