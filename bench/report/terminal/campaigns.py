"""The campaigns of a work folder as a table and as JSON."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.report.terminal.screen import width_of
from bench.report.terminal.table import render_fitting, shortened

HEADER = (
    *("name", "kind", "last worked on", "by", "instances", "settings", "tasks", "state"),
    "MLflow",
)
DISPENSABLE = ("settings", "instances", "kind", "by", "MLflow")
PLACE = 24
STYLES = {"running": "bold green", "stopped": "yellow", "damaged": "bold red"}
MIB = 2**20


class CampaignKind(StrEnum):
    """The kinds of campaigns."""

    RUN = "run"
    SWEEP = "sweep"
    TUNE = "tune"
    IMPORT = "import"
    UNKNOWN = "unknown"


class CampaignState(StrEnum):
    """The progress of a campaign: ``DAMAGED`` has a plan or a journal that cannot be read."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignEntry:
    """One campaign.

    ``name`` is its name in commands; ``worked_on`` is seconds since the epoch, and ``owner`` is the
    owner of the folder. ``n_undelivered`` is the number of tasks of which MLflow lacks results
    (None: unknown); ``tracking_uri`` is the store of the others, or of all. ``problem`` is the
    reason why it cannot be read.
    """

    name: str
    folder: Path
    kind: CampaignKind
    state: CampaignState
    worked_on: float
    owner: str
    instance_set: str
    n_settings: int
    n_tasks: int
    n_finished: int
    n_undelivered: int | None
    tracking_uri: str
    experiment: str
    command: tuple[str, ...]
    problem: str = ""


def campaigns_table(rows: Sequence[CampaignEntry]) -> str:
    """Return a line per campaign: time, owner, size, progress, and whether MLflow has it.

    Names are not shortened, because users type them; if there is no room, columns are left out.
    """
    cells = [
        [
            row.name,
            row.kind.value,
            _when(row.worked_on),
            row.owner or "-",
            shortened(row.instance_set, 16) or "-",
            str(row.n_settings or "-"),
            f"{row.n_finished}/{row.n_tasks}",
            row.state.value,
            recorded_text(row.n_undelivered, row.tracking_uri),
        ]
        for row in rows
    ]
    return render_fitting(
        HEADER,
        cells,
        left=len(HEADER),
        dispensable=DISPENSABLE,
        least_name=max((width_of(row.name) for row in rows), default=0),
        paint=lambda column, cell: STYLES.get(cell, "") if column == "state" else "",
    )


def recorded_text(n_undelivered: int | None, tracking_uri: str) -> str:
    """Return in a word or two whether MLflow has the results, and where."""
    if n_undelivered is None:
        return "not known"
    if n_undelivered:
        return f"{n_undelivered} missing"
    return shortened(_place(tracking_uri), PLACE) or "-"


def campaign_object(row: CampaignEntry) -> dict[str, Any]:
    """Return a campaign ready for JSON."""
    return {
        "name": row.name,
        "kind": row.kind.value,
        "state": row.state.value,
        "last_worked_on": row.worked_on,
        "owner": row.owner or None,
        "instance_set": row.instance_set or None,
        "settings": row.n_settings,
        "tasks": row.n_tasks,
        "finished": row.n_finished,
        "not_in_mlflow": row.n_undelivered,
        "tracking_uri": row.tracking_uri or None,
        "experiment": row.experiment or None,
        "problem": row.problem or None,
    }


def size_text(n_bytes: int) -> str:
    """Return a readable size."""
    return f"{n_bytes / MIB:.1f} MiB"


def _when(moment: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(moment))


def _place(uri: str) -> str:
    """Return the file of a SQLite database, or the host of a server."""
    parts = urlsplit(uri)
    return parts.netloc or uri.rsplit("/", 1)[-1]
