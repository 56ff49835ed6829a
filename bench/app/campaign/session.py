"""Open a campaign's folder: a new one, or one that an earlier process left."""

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
from bench.journal.campaign import RUN, SWEEP, TUNE, id_by_result
from bench.journal.journal import JOURNAL, LOCK, Journal
from bench.journal.manifest import DAMAGED, DamagedManifestError, Manifest
from bench.journal.origin import CampaignIdentity, identity_of
from bench.model.looks import Looks
from bench.model.results.result import Result
from bench.store.run_keys import attempt

IMPORT = "import"
IMPORTED_BY = ("bench", IMPORT)
"""How the command of an import begins; its campaign is of the kind of a sweep."""
_WORDS = {RUN: "a run", SWEEP: "a sweep", TUNE: "a tuning", IMPORT: "an import"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignSession:
    """A campaign's folder with its journal open for writing.

    ``results`` has the result that counts for each task that an earlier process finished,
    ``n_attempts`` the number of attempts; both by the keys of the tasks. ``attempts`` are all
    attempts, by key and start. ``notice`` says that the plan was lost or damaged and is created
    again; otherwise it is empty. ``looks`` are those in its plan.
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
        """Return the identity of the campaign."""
        return CampaignIdentity(
            campaign_id=self.campaign_id,
            name=name,
            kind=kind,
            command=command,
            created_at=self.created_at,
        )


def start_run(work_dir: Path) -> CampaignSession:
    """Create a new folder for a campaign that is never continued under the same name."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    return _open(_make_folder(work_dir.absolute() / f"run-{stamp}-{secrets.token_hex(2)}"))


def continue_run(work_dir: Path, name: str) -> CampaignSession:
    """Open the folder of a run that was stopped; UsageError if there is no such run."""
    folder = manifest.folder_of(work_dir, name).absolute()
    found = manifest.read(folder)
    if found is None or found.kind != RUN:
        raise UsageError(
            f"{folder.name}: this is not a run of bench run; use bench resume {folder.name}"
        )
    return _open(folder, found)


def continue_sweep(work_dir: Path, name: str, *, fresh: bool, what: str = SWEEP) -> CampaignSession:
    """Open the folder of the sweep of this name, to continue it.

    With ``fresh``, an existing folder is renamed instead. A plan that was never written, or is lost
    or damaged, is created again. Raise UsageError if the folder contains something else than
    ``what`` (sweep, tune or import).
    """
    folder = work_dir.absolute() / manifest.folder_name(name)
    if fresh and folder.exists():
        put_aside(folder)
    found, notice = _earlier(folder)
    if found is not None and found.name != name:
        raise UsageError(f"{folder}: holds the sweep {found.name!r}; choose another --name")
    if found is not None and (is_what := _what(found)) != what:
        raise UsageError(
            f"{name!r} is {_WORDS.get(is_what, is_what)}, not {_WORDS[what]}; choose another --name"
        )
    return _open(_make_folder(folder), found, notice)


def _what(found: Manifest | CampaignIdentity) -> str:
    """Return what a campaign is, by the command that creates such ones."""
    return IMPORT if found.command[:2] == IMPORTED_BY else found.kind


def _earlier(folder: Path) -> tuple[Manifest | CampaignIdentity | None, str]:
    """Return the known facts about the campaign in a folder, and the state of its plan."""
    what = "is missing"
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
    return identity_of(folder), f"the plan {what} and is written again; {subject} are kept"


def _is_ours(folder: Path) -> bool:
    """Return whether a campaign was begun in a folder: the lock is its first file."""
    return any((folder / name).exists() for name in (LOCK, JOURNAL))


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


def put_aside(folder: Path) -> None:
    """Rename the folder, unless another process or a job of a cluster is working in it."""
    from bench.execution.cluster import cluster_jobs  # noqa: PLC0415 - rare
    from bench.execution.cluster.orders import exchange_of  # noqa: PLC0415 - rare

    if why_not := cluster_jobs.obstacle(exchange_of(folder)):
        raise UsageError(f"{folder}: cannot be put aside: {why_not}")
    journal = Journal(folder)
    journal.open()
    journal.close()
    stamp = time.strftime("%Y%m%d-%H%M%S")
    folder.rename(folder.with_name(f"{folder.name}-until-{stamp}-{secrets.token_hex(2)}"))
