"""The campaigns of a work folder: runs, sweeps and imports, the most recent first."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.app.options import WORK_DIR
from bench.errors import TrackingError, UsageError
from bench.journal import delivered, manifest, origin
from bench.journal.campaign import RUN, TUNE
from bench.journal.journal import JOURNAL, Journal
from bench.journal.last_campaign import worked_on
from bench.journal.manifest import MANIFEST, Manifest
from bench.report.terminal.campaigns import CampaignEntry, CampaignKind, CampaignState


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOptions:
    """Which work folder."""

    work_dir: str | Path = WORK_DIR


def list_campaigns(options: ListOptions) -> list[CampaignEntry]:
    """Return all campaigns of a work folder, the most recent first."""
    entries = map(entry, _folders(Path(options.work_dir)))
    return sorted(entries, key=lambda one: (-one.worked_on, one.name))


def damage_lines(work_dir: Path) -> list[str]:
    """Return the unreadable campaigns of a work folder with the reasons, one line each."""
    problems = ((folder.name, _read(folder)[2]) for folder in sorted(_folders(work_dir)))
    return [f"{name} is damaged: {problem}" for name, problem in problems if problem]


def _folders(work_dir: Path) -> set[Path]:
    """Return the folders of campaigns; a refused start leaves no plan and an empty journal."""
    found = {path.parent for path in work_dir.glob(f"*/{MANIFEST}")}
    with_journal = (path for path in work_dir.glob(f"*/{JOURNAL}") if path.stat().st_size)
    return found | {path.parent for path in with_journal}


def entry(folder: Path) -> CampaignEntry:
    """Return the facts in a campaign's folder."""
    plan, finished, problem = _read(folder)
    meant, sent = origin.read(folder), delivered.read(folder)
    command = plan.command if plan else ()
    planned = {task.key for task in plan.tasks} if plan else set(finished)
    experiment = meant.experiment_request.label if meant else ""
    return CampaignEntry(
        name=folder.name,
        folder=folder,
        kind=_kind(plan),
        state=_state(folder, plan, problem, complete=planned <= finished),
        worked_on=worked_on(folder),
        owner=_owner(folder),
        instance_set=plan.instance_set if plan else "",
        n_settings=len(plan.settings) if plan else 0,
        n_tasks=len(planned),
        n_finished=len(planned & finished),
        n_undelivered=_n_undelivered(folder, plan),
        tracking_uri=sent.tracking_uri if sent else meant.tracking_uri if meant else "",
        experiment=experiment,
        command=command,
        problem=problem,
    )


def _read(folder: Path) -> tuple[Manifest | None, set[str], str]:
    """Return the plan, the keys of all results, and the problems in reading them."""
    plan: Manifest | None = None
    finished: set[str] = set()
    problem = ""
    try:
        plan = manifest.read(folder)
        if plan is None:
            problem = f"its plan ({MANIFEST}) is missing"
        finished = Journal(folder).finished()
    except (UsageError, TrackingError) as error:
        problem = str(error)
    return plan, finished, problem


def _kind(plan: Manifest | None) -> CampaignKind:
    if plan is None:
        return CampaignKind.UNKNOWN
    if plan.command[:2] == ("bench", "import"):
        return CampaignKind.IMPORT
    kinds = {RUN: CampaignKind.RUN, TUNE: CampaignKind.TUNE}
    return kinds.get(plan.kind, CampaignKind.SWEEP)


def _state(folder: Path, plan: Manifest | None, problem: str, *, complete: bool) -> CampaignState:
    if Journal(folder).writer() is not None:
        return CampaignState.RUNNING
    if problem:
        return CampaignState.DAMAGED
    decided = plan is not None and plan.is_decided
    complete = complete and not (plan is not None and plan.growing)
    return CampaignState.DONE if complete or decided else CampaignState.STOPPED


def _n_undelivered(folder: Path, plan: Manifest | None) -> int | None:
    """Return the number of tasks of which MLflow lacks results; None if it is unknown."""
    known = delivered.n_undelivered(folder)
    if known is None and plan is not None and plan.directory is not None:
        return Journal(folder).n_tasks()
    return known


def _owner(folder: Path) -> str:
    with suppress(OSError, KeyError, NotImplementedError):
        return folder.owner()
    return ""
