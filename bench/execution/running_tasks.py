"""The progress of running tasks, from the files in their folders."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from bench.model.planned_task import PlannedTask
from bench.model.running_task import RunningTask
from bench.model.workspace import Workspace
from bench.solvers.live_bounds import read_bounds


def running_task(task: PlannedTask, folder: Path) -> RunningTask:
    """Return the progress of a task; if its folder does not exist yet, it has just begun."""
    workspace = Workspace(folder)
    if (sent := _modified(workspace.sent)) is not None:
        return RunningTask(
            planned=task,
            elapsed_s=_since(sent),
            is_solving=False,
            bounds=None,
            worker=_text(workspace.sent),
        )
    began = _modified(workspace.solving)
    is_solving = began is not None
    if began is None:
        began = _modified(workspace.log)
    return RunningTask(
        planned=task,
        elapsed_s=0.0 if began is None else _since(began),
        is_solving=is_solving,
        bounds=read_bounds(workspace.bounds) if is_solving else None,
    )


def _since(moment: float) -> float:
    return max(0.0, time.time() - moment)


def _text(path: Path) -> str:
    with suppress(OSError):
        return path.read_text(errors="replace").strip()
    return ""


def _modified(path: Path) -> float | None:
    with suppress(OSError):
        return path.stat().st_mtime
    return None
