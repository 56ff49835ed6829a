"""Every error a user may see, and the exit code it ends the command with.

::

    BenchError                1   a clean one-line message, never a traceback
    ├── UsageError            2   something typed or written by the user is wrong
    ├── InstanceError         1   a problem file cannot be used
    ├── SolverError           1   a solver cannot be loaded or refuses to work
    │   └── UnsupportedError  1   a solver has read an instance of a class that it does not solve
    ├── MachineError          1   the machine lacks what a task needs; the task has no result
    └── TrackingError         1   results could not be recorded where asked
"""

from __future__ import annotations

EXIT_WRONG = 3
"""A verdict occurred that ``--fail-on`` reports."""
EXIT_REGRESSION = 4
"""A candidate is slower or worse than allowed (``bench gate``)."""
EXIT_UNDECIDED = 5
"""The results do not suffice to decide (``bench gate``)."""
EXIT_INTERRUPTED = 130
"""Stopped by the user; the same command continues."""


class BenchError(Exception):
    """An error with a message for the user: what happened, where, and what to do about it."""

    exit_code = 1


class UsageError(BenchError):
    """An option, file or value of the user is wrong; nothing was executed."""

    exit_code = 2


class InstanceError(BenchError):
    """A problem file is missing, damaged or in a format that no installed solver reads."""


class ContentError(InstanceError):
    """A file that was read contains no problem, or invalid numbers; some solvers solve it."""


class SolverError(BenchError):
    """A solver cannot be loaded, or refuses a file or a parameter."""


class UnsupportedError(SolverError):
    """A solver has read the instance, but does not solve problems of its class."""


class MachineError(BenchError):
    """The machine prevented the execution of a task: no space, memory, descriptors or processes.

    The error says nothing about the solver, and the task has no result. ``stops_all``: no other
    task can be started either. ``may_be_repeated`` is False if a process of the task is still
    running.
    """

    def __init__(
        self, message: str, *, stops_all: bool = False, may_be_repeated: bool = True
    ) -> None:
        """Create the error; the message is the same for all tasks."""
        super().__init__(message)
        self.stops_all = stops_all
        self.may_be_repeated = may_be_repeated


class TrackingError(BenchError):
    """Results could not be written to the journal or to MLflow."""
