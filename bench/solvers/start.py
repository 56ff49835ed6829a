"""The start solution of a solve, in the form for solvers."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path

from bench.errors import InstanceError, SolverError
from bench.model.start import Start
from bench.model.task import Task
from bench.model.workspace import Workspace
from bench.verification import solution_file


def has_start(task: Task, workspace: Workspace) -> bool:
    """Return whether a solve has a start solution."""
    return task.start is not None or workspace.start.exists()


def start_values(
    task: Task, workspace: Workspace, names: Collection[str]
) -> dict[str, float] | None:
    """Return the values by the names of columns, 0 for unnamed ones; None if there is no start.

    It is that of the workspace, or else of the task. Raise InstanceError for a column that the
    problem does not have; ``names`` are those that it has.
    """
    path = workspace.start
    if not path.exists():
        if task.start is None:
            return None
        path = _unchanged(task.start)
    values = solution_file.read(path).values
    for name in values:
        if name not in names:
            raise InstanceError(f"start: the problem has no column {name!r}")
    return {name: float(value) for name, value in values.items()}


def _unchanged(start: Start) -> Path:
    """Return the file of a start; SolverError if it has changed since planning."""
    path = Path(start.path)
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise SolverError(f"--start {path} cannot be read: {error.strerror}") from error
    if digest != start.digest:
        raise SolverError(
            f"--start {path} has changed since the tasks were planned; execute the same command "
            "again"
        )
    return path
