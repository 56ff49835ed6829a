"""How far tasks have come that are being executed, by what their folders show."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from bench.model.planned_task import PlannedTask
from bench.model.running_task import RunningTask
from bench.model.workspace import Workspace
from bench.solvers.live_bounds import read_bounds


def running_task(task: PlannedTask, folder: Path) -> RunningTask:
    """Return how far a task has come; one whose folder is not there yet has just begun."""
    workspace = Workspace(folder)
    began = _modified(workspace.solving)
    is_solving = began is not None
    if began is None:
        began = _modified(workspace.log)
    return RunningTask(
        planned=task,
        elapsed_s=0.0 if began is None else max(0.0, time.time() - began),
        is_solving=is_solving,
        bounds=read_bounds(workspace.bounds) if is_solving else None,
    )


def _modified(path: Path) -> float | None:
    with suppress(OSError):
        return path.stat().st_mtime
    return None
