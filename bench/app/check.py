"""All that was recorded is judged again: in journals, and what only a store has."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.app.attached_run import AttachedRun
from bench.app.delivery import Connect, connect_to_mlflow, deliver_recorded
from bench.app.execute import judge_again
from bench.app.options import StoreOptions
from bench.app.plan import references
from bench.app.progress import listener_of
from bench.app.sync import Sweeps, journals
from bench.comparison.summaries import SummaryMetrics
from bench.errors import TrackingError, UsageError
from bench.journal.attempts import counting
from bench.journal.campaign import Campaign
from bench.journal.journal import Journal
from bench.model.reference import Reference
from bench.model.result import Result
from bench.report.changes import (
    CHANGES,
    CheckResult,
    VerdictChange,
    check_record,
    checked_object,
    merge_checks,
)
from bench.report.listener import Listener
from bench.store.uri import resolve_uri, without_credentials
from bench.tracking.correction import correct
from bench.tracking.stored_campaigns import StoredCampaign
from bench.verification.consistency import reconsidered

DEFAULT_EXPERIMENT = "Default"
STILL_RUNNING = (
    "going on, or its process was killed, which bench sync puts in order where its journal is"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions(StoreOptions):
    """What is judged again, and by which references.

    - ``sweeps``: names or folders of sweeps; none means all below ``work_dir``, or with
      ``experiment_name`` all that the experiment has
    - ``solu``: files with new references (``.solu``, ``.csv``), which go over those beside the
      instances; ``solu_columns`` says which columns of a CSV file matter
    - ``dry_run``: say what would change, and change nothing
    """

    sweeps: Sweeps = field(default=(), kw_only=False)
    solu: Sequence[str | Path] = ()
    solu_columns: str | None = None
    dry_run: bool = False

    def references(self, results: Sequence[Result]) -> dict[str, Reference]:
        """Return the references that there are today for the instances of results."""
        instances = {one.task.instance for one in results}
        return references(list(instances), [Path(file) for file in self.solu], self.solu_columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What has changed (``checked``) in which campaigns (``names``).

    ``folders`` are the campaigns whose journals were read; ``problems`` says why something could
    not be recorded, a line each.
    """

    checked: CheckResult
    names: tuple[str, ...]
    folders: tuple[Path, ...]
    problems: tuple[str, ...]


def check(options: CheckOptions) -> CheckReport:
    """Judge again all that was recorded, add what changed to journals, and correct MLflow's runs.

    Raise UsageError where there is nothing to check or a reference cannot be read.
    """
    listener = listener_of(options.progress)
    connect: Connect = cache(connect_to_mlflow)
    experiment = options.given_experiment()
    folders = _folders(options)
    found = _Found(options, connect, listener)
    for folder in folders:
        found.check_journal(folder)
    if experiment is not None and not options.sweeps:
        found.check_stored(experiment, folders)
    return CheckReport(
        checked=merge_checks(found.checked),
        names=tuple(found.names),
        folders=tuple(folders),
        problems=tuple(found.problems),
    )


def record_check(report: CheckReport, run: AttachedRun) -> None:
    """Write into a run what a check has found; TrackingError where that is not possible."""
    with TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder) / CHANGES
        file.write_text(json.dumps(checked_object(report.checked), indent=2), encoding="utf-8")
        run.fill(check_record(report.checked, report.names, file, round(1000 * time.time())))


def judge_campaign(
    campaign: str, recorded: Sequence[Result], known: Mapping[str, Reference]
) -> tuple[CheckResult, list[Result]]:
    """Return a campaign's results judged again, each alone and then against each other.

    Beside it those that are new where each is judged alone, as in a journal. ``known`` are the
    references of today by instance. What has changed is sorted by instance, setting, seed and
    permutation.
    """
    alone = [judge_again(result, known) for result in recorded]
    before, now = reconsidered(recorded), reconsidered(alone)
    changes = [
        VerdictChange(campaign=campaign, result=new, before=old.verdict)
        for old, new in zip(before, now, strict=True)
        if (old.verdict.category, old.verdict.kind) != (new.verdict.category, new.verdict.kind)
    ]
    new = [one for old, one in zip(recorded, alone, strict=True) if old != one]
    return CheckResult(results=now, changes=sorted(changes, key=_place)), new


class _Found:
    """What was checked of which campaigns so far, and why something was not possible."""

    def __init__(self, options: CheckOptions, connect: Connect, listener: Listener) -> None:
        self._options = options
        self._connect = connect
        self._listener = listener
        self.names: list[str] = []
        self.checked: list[CheckResult] = []
        self.problems: list[str] = []

    def check_journal(self, folder: Path) -> None:
        """Check a campaign by its journal."""
        self.names.append(folder.name)
        dry_run, recorded = self._options.dry_run, list(Journal(folder).results())
        known = self._options.references(recorded)
        if not dry_run and Journal(folder).writer() is not None:
            self._listener.message(f"{folder.name}: going on; check it when it has ended")
            return
        found, new = judge_campaign(folder.name, list(counting(recorded).values()), known)
        self.checked.append(found)
        if not dry_run:
            self._record(folder, new)

    def check_stored(self, experiment: str, folders: Sequence[Path]) -> None:
        """Check what an experiment has beside the campaigns in the folders, by its tables.

        UsageError where there is nothing at all, TrackingError where there are no folders either
        and the store cannot be reached.
        """
        from bench.tracking.mlflow_campaigns import stored_campaigns  # noqa: PLC0415 - seconds

        options = self._options
        known = options.references([])
        here = {Campaign.read(folder).campaign_id for folder in folders}
        try:
            campaigns = stored_campaigns(options.given_uri(), experiment, here)
        except (TrackingError, UsageError) as error:
            if not here:
                raise
            if isinstance(error, TrackingError):
                self.problems.append(str(error))
            return
        for campaign in campaigns:
            self.names.append(campaign.name)
            if not options.dry_run and campaign.is_running:
                self._listener.message(f"{campaign.name}: {STILL_RUNNING}")
                continue
            try:
                found, _ = judge_campaign(campaign.name, campaign.results, known)
                self.checked.append(found)
                if not options.dry_run:
                    self.problems += self._correct(campaign, found, experiment)
            except TrackingError as error:
                self.problems.append(f"{campaign.name}: {error}")

    def _record(self, folder: Path, new: Sequence[Result]) -> None:
        """Add what is new to the journal, and correct MLflow."""
        with Journal(folder) as journal:
            for result in new:
                journal.add(result)
        uri = self._options.given_uri()
        refused: Sequence[str] = ()
        try:
            done = deliver_recorded(folder, uri, None, self._connect, self._listener)
        except TrackingError as error:
            refused = [str(error)]
        else:
            refused = () if done is None else done.refused
        self.problems += [
            f"{reason}; the journal has it all, repeat with bench sync" for reason in refused
        ]

    def _correct(self, campaign: StoredCampaign, found: CheckResult, experiment: str) -> list[str]:
        from bench.tracking.mlflow_campaigns import task_runs  # noqa: PLC0415 - takes seconds

        uri = self._options.given_uri()
        return correct(
            campaign,
            found.results,
            partial(self._connect, resolve_uri(uri), experiment, None),
            partial(task_runs, uri, experiment),
            SummaryMetrics(),
        )


def _folders(options: CheckOptions) -> list[Path]:
    """Return the journals to be checked; of an experiment those that are here, if any."""
    work_dir = Path(options.work_dir)
    if options.sweeps or options.given_experiment() is None:
        return journals(work_dir, options.sweeps)
    try:
        folders = journals(work_dir, ())
    except UsageError:
        return []
    return [folder for folder in folders if _belongs(folder, options)]


def _belongs(folder: Path, options: CheckOptions) -> bool:
    """Return whether results were meant for the experiment, and for the store if one is given."""
    origin, uri = Campaign.read(folder).origin, options.given_uri()
    if origin is None or (origin.experiment or DEFAULT_EXPERIMENT) != options.given_experiment():
        return False
    return uri is None or origin.tracking_uri == without_credentials(resolve_uri(uri))


def _place(change: VerdictChange) -> tuple[str, str, int, int]:
    task = change.result.task
    return task.instance.name, task.setting.name, task.seed, task.permutation
