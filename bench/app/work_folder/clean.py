"""Delete folders of old runs whose results are all in MLflow."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.app.options import WORK_DIR
from bench.app.work_folder.list_campaigns import ListOptions, list_campaigns
from bench.errors import BenchError, TrackingError, UsageError
from bench.execution.cluster import cluster_jobs
from bench.execution.cluster.orders import exchange_of
from bench.journal import answers
from bench.journal.journal import Journal
from bench.report.terminal.campaigns import CampaignEntry, CampaignKind, CampaignState

DAY_S = 86400.0
_PUT_ASIDE = re.compile(r".+-until-\d{8}-\d{6}-[0-9a-f]{4}")
"""The pattern of the name of a sweep that ``--fresh`` put aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanOptions:
    """Which folders are deleted.

    - ``names``: campaigns by name, of any kind and age; none means runs, and sweeps that were put
      aside, that nobody has used for ``older_than_s`` seconds
    - ``unrecorded``: also those with results that are not known to be in MLflow
    """

    names: Sequence[str] = ()
    older_than_s: float = 30 * DAY_S
    unrecorded: bool = False
    work_dir: str | Path = WORK_DIR


@dataclass(frozen=True, slots=True, kw_only=True)
class Removable:
    """A matching campaign; ``obstacle`` is the reason why it is not deleted, or empty."""

    entry: CampaignEntry
    size: int
    obstacle: str = ""


def find_removable(options: CleanOptions) -> list[Removable]:
    """Return the matching campaigns, the oldest first; nothing is deleted.

    Raise UsageError for an unknown name.
    """
    entries = list_campaigns(ListOptions(work_dir=options.work_dir))
    by_name = {one.name: one for one in entries}
    for name in options.names:
        if name not in by_name:
            raise UsageError(f"no run or sweep {name!r} in {options.work_dir}; see bench ls --all")
    if options.names:
        chosen = [by_name[name] for name in dict.fromkeys(options.names)]
    else:
        before = time.time() - options.older_than_s
        chosen = [one for one in reversed(entries) if _is_spare(one) and one.worked_on < before]
    return [
        Removable(
            entry=one,
            size=_size(one.folder),
            obstacle=_obstacle(one, unrecorded=options.unrecorded),
        )
        for one in chosen
    ]


def remove(found: Iterable[Removable], work_dir: Path) -> int:
    """Delete the folders without an obstacle, and return their number.

    Raise BenchError if one cannot be deleted, or if a process has begun to work on it.
    """
    n_removed = 0
    for one in found:
        if not one.obstacle:
            _remove(one.entry.folder)
            n_removed += 1
    if n_removed:
        answers.update(work_dir)
    return n_removed


def _is_spare(one: CampaignEntry) -> bool:
    return one.kind is CampaignKind.RUN or _PUT_ASIDE.fullmatch(one.name) is not None


def _obstacle(one: CampaignEntry, *, unrecorded: bool) -> str:
    if one.folder.is_symlink():
        return "a link to another folder"
    if one.state is CampaignState.RUNNING:
        return "another process is executing it"
    if jobs := cluster_jobs.obstacle(exchange_of(one.folder)):
        return jobs
    if unrecorded or one.n_undelivered == 0:
        return ""
    if one.n_undelivered is None:
        return "it is unknown whether MLflow has its results"
    n = one.n_undelivered
    return f"{n} results are not in MLflow" if n > 1 else "1 result is not in MLflow"


def _remove(folder: Path) -> None:
    """Rename the folder while nobody writes in it, so that no partial folder looks whole."""
    doomed = folder.with_name(f".deleted-{folder.name}-{secrets.token_hex(2)}")
    try:
        with Journal(folder):
            folder.rename(doomed)
        shutil.rmtree(doomed)
    except TrackingError as error:
        raise BenchError(f"{folder}: not deleted: {error}") from error
    except OSError as error:
        raise BenchError(f"{folder}: cannot be deleted: {error.strerror or error}") from error


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            total += path.lstat().st_size
    return total
