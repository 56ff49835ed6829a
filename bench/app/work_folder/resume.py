"""Continue a campaign that was stopped, by the command that began it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path

from bench.app.options import WORK_DIR
from bench.app.progress import Progress, listener_of, tell
from bench.app.work_folder.list_campaigns import entry
from bench.errors import UsageError
from bench.journal import manifest
from bench.journal.last_campaign import UNFINISHED, last_campaign
from bench.report.terminal.campaigns import CampaignKind, CampaignState
from bench.store.uri import MASKED


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeOptions:
    """Which campaign: its name or folder; None is the last unfinished one."""

    name: str | Path | None = field(default=None, kw_only=False)
    work_dir: str | Path = WORK_DIR
    progress: Progress = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumable:
    """A campaign that can be continued: the words after ``bench``, and the command's folder."""

    folder: Path
    kind: CampaignKind
    arguments: tuple[str, ...]
    directory: Path


def find_resumable(options: ResumeOptions) -> Resumable:
    """Return how a campaign is continued.

    Raise UsageError, with the next step, for a campaign that is finished, in use by another
    process, imported, or started from Python, and for one whose command contained a password.
    """
    folder = _named_or_unfinished(options)
    plan = manifest.read(folder)
    found = entry(folder)
    if found.kind is CampaignKind.IMPORT:
        raise UsageError(f"{found.name}: an import cannot be resumed; import the files again")
    if found.state is CampaignState.RUNNING:
        raise UsageError(
            f"{found.name}: another process is executing it; see bench status {found.name}"
        )
    if plan is None or not plan.command:
        raise UsageError(f"{found.name}: it was started from Python; call the same function again")
    if found.kind is CampaignKind.RUN and found.state is CampaignState.DONE:
        raise UsageError(f"{found.name}: all of its tasks are finished ({found.n_finished})")
    command = manifest.continuing(plan.command)
    if MASKED in command:
        raise UsageError(
            f"{found.name}: the recorded command has no password; add the password and execute: "
            f"{command}"
        )
    directory = Path(plan.directory or Path.cwd())
    if not directory.is_dir():
        raise UsageError(
            f"{found.name}: {directory}, where it was started, no longer exists; execute it in "
            f"another folder: {command}"
        )
    return Resumable(
        folder=folder.absolute(),
        kind=found.kind,
        arguments=tuple(shlex.split(command)[1:]),
        directory=directory,
    )


def _named_or_unfinished(options: ResumeOptions) -> Path:
    """Return the folder of the named campaign, by default of the last one that is not finished."""
    work_dir = Path(options.work_dir)
    if options.name is not None:
        return manifest.folder_of(work_dir, str(options.name))
    last = last_campaign(work_dir, UNFINISHED)
    if not last.need and entry(last.folder).state is CampaignState.DONE:
        raise UsageError(f"{work_dir}: nothing to resume, all runs and sweeps are finished")
    tell(listener_of(options.progress), [f"Note: {last.line}"])
    return last.folder
