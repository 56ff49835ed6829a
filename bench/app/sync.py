"""Upload results from journals that MLflow does not have yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from bench.app.campaign.delivery import Connect, Delivered, connect_to_mlflow, deliver_recorded
from bench.app.campaign.spooled_results import record_spooled
from bench.app.campaign.target import Target
from bench.app.options import StoreOptions
from bench.app.progress import listener_of, tell
from bench.errors import TrackingError, UsageError
from bench.journal.counted_results import left_out_lines
from bench.journal.journal import JOURNAL, DamagedJournalError
from bench.journal.manifest import places
from bench.tracking.patience import SlowServerError
from bench.tracking.record_store import RecordStore

Sweeps = str | Path | Sequence[str | Path]
"""Names or folders of sweeps; none means all below the work folder."""


REPEAT = "no result is lost; execute bench sync again"
AFTERWARDS = "then execute bench sync again"
"""The end of a message after whose command the sync can be repeated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncOptions(StoreOptions):
    """What is uploaded, and where to.

    - ``sweeps``: names or folders of sweeps; none means all below ``work_dir``

    Without ``tracking_uri`` and ``experiment_name``, results are uploaded to their recorded store
    and experiment.
    """

    sweeps: Sweeps = field(default=(), kw_only=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What was uploaded for each campaign, and the reasons for failures, one line each."""

    delivered: tuple[Delivered, ...]
    problems: tuple[str, ...]


def sync(options: SyncOptions) -> SyncReport:
    """Upload results from journals to MLflow, each exactly once.

    A campaign on which another process is working is skipped, and the listener is told. Raise
    UsageError for unknown campaigns. A journal with a damaged line, or a store that cannot be
    reached, becomes a problem in the report; another call continues from there.
    """
    listener = listener_of(options.progress)
    uri, experiment = options.given_uri(), options.given_experiment()
    connected: Connect = cache(connect_to_mlflow)
    given_up: dict[str, SlowServerError] = {}

    def connect(where: Target, campaign_id: str | None = None) -> RecordStore:
        if where.uri in given_up:
            raise given_up[where.uri]
        return connected(where, campaign_id)

    done: list[Delivered] = []
    problems: list[str] = []
    for folder in journals(Path(options.work_dir), options.sweeps):
        try:
            record_spooled(folder)
            found = deliver_recorded(folder, uri, experiment, connect, listener)
            left_out = left_out_lines(folder)
        except (TrackingError, UsageError) as error:
            is_file = isinstance(error, DamagedJournalError | UsageError)
            problems.append(f"{error}; {AFTERWARDS if is_file else REPEAT}")
            if isinstance(error, SlowServerError):
                given_up[error.uri] = error
            continue
        if found is None:
            listener.message(f"{folder.name}: still running; it uploads its results itself")
            continue
        tell(listener, (f"Note: {line}" for line in left_out))
        done.append(found)
        problems += [f"{folder.name}: {reason}; {REPEAT}" for reason in found.refused]
    return SyncReport(delivered=tuple(done), problems=tuple(problems))


def journals(work_dir: Path, sweeps: Sweeps) -> list[Path]:
    """Return the folders with results: the named ones, by default all below the work folder."""
    names = [sweeps] if isinstance(sweeps, str | Path) else sweeps
    if not names:
        found = sorted(path.parent for path in work_dir.glob(f"*/{JOURNAL}"))
        if not found:
            raise UsageError(f"{work_dir}: there are no results in this folder; see --work-dir")
        return found
    folders = []
    for name in names:
        candidates = (one for one in places(work_dir, str(name)) if (one / JOURNAL).is_file())
        folder = next(candidates, None)
        if folder is None:
            raise UsageError(
                f"{name}: no sweep in {work_dir} has this name, and it is not the folder of a sweep"
            )
        folders.append(folder)
    return folders
