"""A prepared call of an executable, and its file.

A process saves it in the task's folder before it becomes the executable, for the process that reads
the answer.
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
    """A prepared call: the arguments, and the data to interpret its results.

    ``columns`` are the names in the instance of the columns in the newly written file, None if the
    executable reads the instance itself; ``normalized_by`` names the reader. ``negated``: the signs
    of objective and bounds are flipped. ``cpu_s`` and ``started_s`` (monotonic) are CPU time and
    time at the start.
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
    """Save it in the workspace."""
    (workspace.scratch / FILE).write_text(json.dumps(to_plain(prepared)), encoding="utf-8")


def read(workspace: Workspace) -> Prepared | None:
    """Return the saved call; None if the process did not get that far."""
    with suppress(OSError, ValueError, TypeError):
        return from_plain(Prepared, json.loads((workspace.scratch / FILE).read_bytes()))
    return None


def remove(workspace: Workspace) -> None:
    """Remove it: the process continues as it was."""
    (workspace.scratch / FILE).unlink(missing_ok=True)
