"""Opening a campaign's folder: new, or where an earlier process left it."""

from __future__ import annotations

import os
import secrets
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from bench.errors import TrackingError, UsageError
from bench.journal import manifest
from bench.journal.attempts import counting, numbers_of_attempts
from bench.journal.campaign import RUN, id_by_result
from bench.journal.journal import JOURNAL, LOCK, Journal
from bench.journal.manifest import DAMAGED, DamagedManifestError, Manifest
from bench.journal.origin import CampaignIdentity, identity_of
from bench.model.looks import Looks
from bench.model.results.result import Result
from bench.store.run_keys import attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignSession:
    """A campaign's folder with its journal open for writing.

    ``results`` has the result that counts of each task that an earlier process has finished,
    ``n_attempts`` how many there are; both by the keys of the tasks. ``attempts`` are all of them,
    by key and start. ``notice`` says that its plan was lost or damaged, and is made again; else it
    is empty. ``looks`` are those that its plan has.
    """

    folder: Path
    campaign_id: str
    created_at: float
    journal: Journal
    results: dict[str, Result]
    n_attempts: dict[str, int]
    attempts: frozenset[tuple[str, str]] = frozenset()
    notice: str = ""
    looks: Looks | None = None

    def identity(self, *, name: str, kind: str, command: tuple[str, ...]) -> CampaignIdentity:
        """Return by what the campaign is known."""
        return CampaignIdentity(
            campaign_id=self.campaign_id,
            name=name,
            kind=kind,
            command=command,
            created_at=self.created_at,
        )


def start_run(work_dir: Path) -> CampaignSession:
    """Make a folder of its own for a campaign that always begins anew."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    return _open(_make_folder(work_dir.absolute() / f"run-{stamp}-{secrets.token_hex(2)}"))


def continue_run(work_dir: Path, name: str) -> CampaignSession:
    """Open the folder of a run that was stopped; UsageError where there is no such run."""
    folder = manifest.folder_of(work_dir, name).absolute()
    found = manifest.read(folder)
    if found is None or found.kind != RUN:
        raise UsageError(
            f"{folder.name}: this is not a run of bench run; use bench resume {folder.name}"
        )
    return _open(folder, found)


def continue_sweep(work_dir: Path, name: str, *, fresh: bool) -> CampaignSession:
    """Open the folder of the sweep of this name; what was there before is continued.

    With ``fresh`` it is put aside under another name instead. A plan that was never written, is
    lost or damaged is made again. Raise UsageError where the folder holds something else.
    """
    folder = work_dir.absolute() / folder_name(name)
    if fresh and folder.exists():
        _put_aside(folder)
    found, notice = _earlier(folder)
    if found is not None and found.name != name:
        raise UsageError(f"{folder}: holds the sweep {found.name!r}; choose another --name")
    return _open(_make_folder(folder), found, notice)


def _earlier(folder: Path) -> tuple[Manifest | CampaignIdentity | None, str]:
    """Return what is known of the campaign in a folder, and what has become of its plan."""
    what = "is lost"
    try:
        found = manifest.read(folder) if folder.exists() else None
    except DamagedManifestError:
        if not _is_ours(folder):
            raise
        found, what = None, f"was damaged (kept as {DAMAGED})"
    if found is not None:
        return found, ""
    if folder.exists() and any(folder.iterdir()) and not _is_ours(folder):
        raise UsageError(
            f"{folder}: the folder is not empty and holds no sweep; choose another --work-dir or "
            "--name"
        )
    n_results = Journal(folder).count()
    if not n_results:
        return identity_of(folder), ""
    subject = "1 result" if n_results == 1 else f"{n_results} results"
    return identity_of(folder), f"its plan {what} and is made again; its {subject} are kept"


def _is_ours(folder: Path) -> bool:
    """Return whether a campaign was begun in a folder: the lock is the first file of all."""
    return any((folder / name).exists() for name in (LOCK, JOURNAL))


def folder_name(name: str) -> str:
    """Return the folder name of a sweep, e.g. ``cuts and knobs`` -> ``cuts-and-knobs``."""
    readable = "".join(c if c.isalnum() or c in "._=-" else "-" for c in name).strip(".")
    return readable[:100] or "sweep"


def _open(
    folder: Path, found: Manifest | CampaignIdentity | None = None, notice: str = ""
) -> CampaignSession:
    journal = Journal(folder)
    journal.open()
    try:
        recorded = list(journal.results())
    except TrackingError:
        journal.close()
        raise
    known_id = found.campaign_id if found else manifest.recovered_id(folder)
    if known_id is None:
        known_id = id_by_result(recorded[0]) if recorded else uuid.uuid4().hex
    if not isinstance(found, Manifest):
        manifest.set_aside(folder)
    return CampaignSession(
        folder=folder,
        campaign_id=known_id,
        created_at=found.created_at if found else time.time(),
        journal=journal,
        results=counting(recorded),
        n_attempts=numbers_of_attempts(recorded),
        attempts=frozenset((one.task.key, attempt(one)) for one in recorded),
        notice=notice,
        looks=found.looks if isinstance(found, Manifest) else None,
    )


def _make_folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{folder}: cannot be created: {error.strerror}; see --work-dir"
        ) from error
    if not os.access(folder, os.W_OK):
        raise UsageError(f"{folder}: cannot be written; see --work-dir")
    return folder


def _put_aside(folder: Path) -> None:
    """Rename the folder, unless another process is at work in it."""
    journal = Journal(folder)
    journal.open()
    journal.close()
    stamp = time.strftime("%Y%m%d-%H%M%S")
    folder.rename(folder.with_name(f"{folder.name}-until-{stamp}-{secrets.token_hex(2)}"))
