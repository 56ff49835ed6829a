"""The listener: progress and messages leave the application only this way."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from bench.model.results.result import Result
from bench.model.running_task import RunningTask
from bench.model.task import Task
from bench.planning.estimate import Forecast


class Listener:
    """Receives progress and messages and shows nothing; a subclass overrides what it needs.

    `message` may be called in another thread and `tasks_running` is; all others are called in the
    thread of the caller. Steps and tasks do not overlap: one bar at a time is enough.
    """

    interrupt_patience_s = 5.0
    """After an interrupt, how long the record that MLflow is being given is waited for."""

    wants_details = False
    """Whether it receives every note, not only the first ones of a kind."""

    def message(self, line: str) -> None:
        """Receive one line that a user should read: a warning, or a next step."""

    def step_started(self, name: str, total: int | None, unit: str) -> None:
        """Announce a step, e.g. ``lint``, with this many units if that is known."""

    def step_advanced(self, n: int, text: str = "") -> None:
        """Report that this many more units of the step are done, and the present one."""

    def step_ended(self) -> None:
        """Report the end of the step."""

    def executing(self) -> AbstractContextManager[object]:
        """Return a context that is open while tasks run and are uploaded, e.g. signal handlers."""
        return nullcontext()

    def stop_request_means(self, line: str) -> None:
        """Take what a request to stop means for running tasks, if they are not finished."""

    def should_continue(self) -> bool:
        """Return whether another task may be started; called before each of them."""
        return True

    def tasks_started(self, forecast: Forecast, n_finished: int) -> None:
        """Announce the tasks of a forecast; this many are finished already."""

    def task_started(self, task: Task) -> None:
        """Report the start of a task."""

    def tasks_running(self, tasks: Sequence[RunningTask]) -> None:
        """Receive the running tasks and their progress, once a second."""

    def task_finished(self, result: Result) -> None:
        """Receive a result, which is in the journal already."""

    def tasks_ended(self) -> None:
        """Report that no task is running any more."""
