"""A call of an executable that is ready, and how it is handed over.

A process leaves it in the task's folder before it becomes the executable, for who reads the answer.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass

from bench.model.instances.problem import ProblemStatistics
from bench.model.plain_data import from_plain, to_plain
from bench.model.workspace import Workspace
from bench.solvers.executables.adapter import Call

FILE = "prepared.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A call that is ready: the words, and what is needed to understand what comes of it.

    ``columns`` are the names in the instance of the columns in the file that was written anew,
    None where the executable reads the instance itself; ``normalized_by`` names who has read it for
    that. ``negated`` says that signs of objective
    and bounds are flipped there. ``cpu_s`` and ``started_s`` (monotonic) are CPU time and moment
    at the start.
    """

    call: Call
    words: tuple[str, ...]
    problem: ProblemStatistics | None
    normalized_by: str = ""
    columns: tuple[str, ...] | None = None
    negated: bool = False
    read_time_s: float | None = None
    started_at: float = 0.0
    started_s: float = 0.0
    cpu_s: float = 0.0


def write(prepared: Prepared, workspace: Workspace) -> None:
    """Leave it in the workspace."""
    (workspace.scratch / FILE).write_text(json.dumps(to_plain(prepared)), encoding="utf-8")


def read(workspace: Workspace) -> Prepared | None:
    """Return what was left; None where the process did not come so far."""
    with suppress(OSError, ValueError, TypeError):
        return from_plain(Prepared, json.loads((workspace.scratch / FILE).read_bytes()))
    return None


def remove(workspace: Workspace) -> None:
    """Take it back: the process goes on as it was."""
    (workspace.scratch / FILE).unlink(missing_ok=True)
