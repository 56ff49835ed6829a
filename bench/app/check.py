"""Judge all recorded results again: in journals, and those that only a store has."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.app.campaign.attached_run import AttachedRun
from bench.app.campaign.delivery import Connect, connect_to_mlflow, deliver_recorded
from bench.app.campaign.execute import judge_again
from bench.app.campaign.plan import references
from bench.app.campaign.target import Target
from bench.app.options import StoreOptions
from bench.app.progress import listener_of, tell
from bench.app.repair import repair
from bench.app.sync import Sweeps, journals
from bench.comparison.summary.summaries import SummaryMetrics, compare_with
from bench.errors import TrackingError, UsageError
from bench.instances.files import load
from bench.instances.references import NO_REFERENCES, References
from bench.journal import answers, delivered, origin
from bench.journal.attempts import counting
from bench.journal.campaign import Campaign, across, held_together
from bench.journal.counted_results import divide
from bench.journal.journal import Journal
from bench.journal.repair import sound_results
from bench.model.instances.instance import Instance
from bench.model.record_level import RecordLevel, strictest
from bench.model.results.result import Result
from bench.model.results.verdict import Category, Verdict, VerdictKind
from bench.report.changes import (
    CHANGES,
    CheckResult,
    Contradiction,
    VerdictChange,
    check_record,
    checked_object,
    merge_checks,
    without_texts,
)
from bench.report.listener import Listener
from bench.store.experiment import ExperimentRequest, KnownExperiment
from bench.store.uri import resolve_uri, without_credentials
from bench.tracking.correction import correct
from bench.tracking.stored_campaigns import StoredCampaign

STILL_RUNNING = (
    "still running, or its process was killed; in that case execute bench sync where its journal is"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions(StoreOptions):
    """Which results are judged again, and by which references.

    - ``sweeps``: names or folders of sweeps; none means all below ``work_dir``, or with
      ``experiment_name`` all in the experiment
    - ``solu``: files with new references (``.solu``, ``.csv``), which take precedence over those
      next to the instances; ``solu_columns`` names the columns of a CSV file
    - ``repair``: first move damaged lines of journals into a file next to each
    - ``dry_run``: report changes without making them
    """

    sweeps: Sweeps = field(default=(), kw_only=False)
    solu: Sequence[str | Path] = ()
    solu_columns: str | None = None
    repair: bool = False
    dry_run: bool = False

    def references(self, results: Sequence[Result], *, beside: bool = True) -> References:
        """Return the present references of the results' instances.

        If the content of a file has changed since, the references are those of its present content.
        """
        instances = _present({one.task.instance: None for one in results})
        files = [Path(file) for file in self.solu]
        return references(instances, files, self.solu_columns, beside=beside)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What has changed (``checked``) in which campaigns (``names``).

    ``folders`` are the campaigns whose journals were read; ``problems`` are the reasons why
    something could not be recorded, one line each.
    """

    checked: CheckResult
    names: tuple[str, ...]
    folders: tuple[Path, ...]
    problems: tuple[str, ...]


def check(options: CheckOptions) -> CheckReport:
    """Judge all recorded results again, add changes to journals, and correct MLflow's runs.

    A journal with a damaged line becomes a problem in the report; the others are still checked.
    Raise UsageError if there is nothing to check or a reference cannot be read.
    """
    listener = listener_of(options.progress)
    connect: Connect = cache(connect_to_mlflow)
    experiment = None if options.sweeps else options.given_experiment()
    folders = _folders(options, experiment)
    found = _Found(options, connect, listener)
    if options.repair:
        found.problems += repair(folders, listener, dry_run=options.dry_run)
    for work_dir in {folder.parent for folder in folders}:
        answers.update(work_dir)
    for folder in folders:
        found.check_journal(folder)
    if experiment is not None:
        found.check_stored(experiment, folders)
    return CheckReport(
        checked=hold_campaigns_together(found.checked),
        names=tuple(found.names),
        folders=tuple(folders),
        problems=tuple(found.problems),
    )


def record_check(report: CheckReport, run: AttachedRun) -> None:
    """Write the findings of a check to a run; TrackingError if that is not possible."""
    level = strictest(*(Campaign.read(folder).record for folder in report.folders))
    checked = report.checked if level.has_texts else without_texts(report.checked)
    with TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder) / CHANGES
        file.write_text(json.dumps(checked_object(checked), indent=2), encoding="utf-8")
        files = (file,) if level.includes(RecordLevel.TABLES) else ()
        run.fill(check_record(checked, report.names, files, round(1000 * time.time())))


def judge_campaign(
    campaign: str,
    recorded: Sequence[Result],
    known: References,
    together: Callable[[Iterable[Result]], list[Result]] = across,
) -> tuple[CheckResult, list[Result]]:
    """Return a campaign's results judged again: each alone, then ``together``.

    Also return the new results when each is judged alone, as in a journal. ``known`` are the
    present references. Changes are sorted by instance, setting, seed and permutation.
    """
    alone = [judge_again(result, known) for result in recorded]
    before, now = together(recorded), together(alone)
    changes = [
        VerdictChange(campaign=campaign, result=new, before=old.verdict)
        for old, new in zip(before, now, strict=True)
        if (old.verdict.category, old.verdict.kind) != (new.verdict.category, new.verdict.kind)
    ]
    new = [one for old, one in zip(recorded, alone, strict=True) if old != one]
    return CheckResult(results=now, changes=sorted(changes, key=_place)), new


def hold_campaigns_together(parts: Sequence[tuple[str, CheckResult]]) -> CheckResult:
    """Return the findings in several campaigns as one, with contradictions between the campaigns.

    A result that contradicts one of another campaign is wrong here; this is not recorded.
    """
    together = across_campaigns([(campaign, part.results) for campaign, part in parts])
    results, contradictions = [], []
    for (campaign, part), judged in zip(parts, together, strict=True):
        for own, wide in zip(part.results, judged, strict=True):
            result = wide if _is_torn(wide) and not _is_torn(own) else own
            results.append(result)
            if _is_torn(result):
                contradictions.append(Contradiction(campaign=campaign, result=result))
    merged = merge_checks([part for _, part in parts])
    return replace(merged, results=results, contradictions=contradictions)


def across_campaigns(parts: Sequence[tuple[str, Sequence[Result]]]) -> list[list[Result]]:
    """Return the results of campaigns by their names, with contradictions between campaigns."""
    named = [
        _named(judge_again(one, NO_REFERENCES) if _is_torn(one) else one, campaign)
        for campaign, results in parts
        for one in results
    ]
    verdicts = (one.verdict for one in across(named))
    return [[replace(one, verdict=next(verdicts)) for one in results] for _, results in parts]


def _is_torn(result: Result) -> bool:
    return result.verdict.kind is VerdictKind.INCONSISTENT


def _standing(
    recorded: Sequence[Result], wide: Sequence[Result]
) -> Callable[[Iterable[Result]], list[Result]]:
    """Return how the results of another user's campaign are compared with each other.

    They are compared within the campaign. But a recorded verdict stays if it is still true over all
    campaigns (``wide``), because the command that recorded it could see those.
    """

    def together(results: Iterable[Result]) -> list[Result]:
        return [
            old if _conclusion(old.verdict) == _conclusion(new.verdict) else one
            for old, new, one in zip(recorded, wide, across(results), strict=True)
        ]

    return together


def _conclusion(verdict: Verdict) -> tuple[Category, VerdictKind | None, str]:
    return verdict.category, verdict.kind, verdict.confirmed_by


def _named(result: Result, campaign: str) -> Result:
    """Return the result with its campaign in the name of its setting."""
    setting = replace(result.task.setting, name=f"{result.task.setting.name} in {campaign}")
    return replace(result, task=replace(result.task, setting=setting))


class _Found:
    """The campaigns that were checked so far, and the problems."""

    def __init__(self, options: CheckOptions, connect: Connect, listener: Listener) -> None:
        self._options = options
        self._connect = connect
        self._listener = listener
        self.names: list[str] = []
        self.checked: list[tuple[str, CheckResult]] = []
        self.problems: list[str] = []

    def check_journal(self, folder: Path) -> None:
        """Check a campaign by its journal; a journal that cannot be read becomes a problem."""
        try:
            recorded, campaign = self._recorded(folder), Campaign.read(folder)
        except (TrackingError, UsageError) as error:
            self.problems.append(str(error))
            return
        self.names.append(folder.name)
        dry_run = self._options.dry_run
        known = self._options.references(recorded)
        if not dry_run and Journal(folder).writer() is not None:
            self._listener.message(
                f"{folder.name}: still running; check it again when it has ended"
            )
            return
        counted = divide(recorded, campaign)
        keys = {one.task.key for one in counted.results}
        together = partial(held_together, folder)
        planned = [one for key, one in counting(recorded).items() if key in keys]
        found, new = judge_campaign(folder.name, planned, known, together)
        tell(self._listener, (f"Note: {line}" for line in counted.lines))
        self.checked.append((folder.name, found))
        again = ((each.result, judge_again(each.result, known)) for each in counted.left_out)
        new += [one for old, one in again if old != one]
        if not dry_run:
            self._record(folder, new)

    def check_stored(self, experiment: ExperimentRequest, folders: Sequence[Path]) -> None:
        """Check the campaigns of an experiment that have no folder here, by their tables.

        Raise UsageError if there is nothing at all, TrackingError if there are no folders either
        and the experiment cannot be used or the store cannot be reached.
        """
        from bench.tracking.mlflow_campaigns import stored_campaigns  # noqa: PLC0415 - seconds

        options = self._options
        here = set(filter(None, map(_campaign_id, folders)))
        try:
            campaigns = stored_campaigns(options.given_uri(), experiment, here)
        except (TrackingError, UsageError) as error:
            if not here:
                raise
            if isinstance(error, TrackingError):
                self.problems.append(str(error))
            return
        read = self._read(campaigns)
        alone = [
            (campaign.name, [judge_again(each, known) for each in own])
            for campaign, own, known in read
        ]
        known_here = [(name, part.results) for name, part in self.checked]
        wide = across_campaigns([*known_here, *alone])[len(known_here) :]
        for (campaign, recorded, known), judged in zip(read, wide, strict=True):
            standing = _standing(recorded, judged)
            found, _ = judge_campaign(campaign.name, recorded, known, standing)
            self.checked.append((campaign.name, found))
            if not options.dry_run:
                try:
                    self.problems += self._correct(campaign, found, experiment)
                except TrackingError as error:
                    self.problems.append(f"{campaign.name}: {error}")

    def _read(
        self, campaigns: Iterable[StoredCampaign]
    ) -> list[tuple[StoredCampaign, list[Result], References]]:
        """Return the stored campaigns that can be checked, with their results and references."""
        options = self._options
        read: list[tuple[StoredCampaign, list[Result], References]] = []
        for campaign in campaigns:
            self.names.append(campaign.name)
            if campaign.left_out:
                self._listener.message(
                    f"Note: {campaign.name}: setting runs of an earlier plan are left out: "
                    f"{', '.join(campaign.left_out)}"
                )
            if not options.dry_run and campaign.is_running:
                self._listener.message(f"{campaign.name}: {STILL_RUNNING}")
                continue
            try:
                known = options.references(campaign.results, beside=False)
                read.append((campaign, campaign.results, known))
            except TrackingError as error:
                self.problems.append(f"{campaign.name}: {error}")
        return read

    def _recorded(self, folder: Path) -> list[Result]:
        """Return the records of a journal, as they are or as they would be after a repair."""
        if self._options.repair and self._options.dry_run:
            return sound_results(folder)
        return list(Journal(folder).results())

    def _record(self, folder: Path, new: Sequence[Result]) -> None:
        """Add new results to the journal, and correct MLflow if it has results of the campaign."""
        with Journal(folder) as journal:
            for result in new:
                journal.add(result)
        if not delivered.is_begun(folder):
            return
        uri = self._options.given_uri()
        refused: Sequence[str] = ()
        try:
            done = deliver_recorded(folder, uri, None, self._connect, self._listener)
        except TrackingError as error:
            refused = [str(error)]
        else:
            refused = () if done is None else done.refused
        self.problems += [
            f"{reason}; no result is lost, upload them with bench sync" for reason in refused
        ]

    def _correct(
        self, campaign: StoredCampaign, found: CheckResult, experiment: ExperimentRequest
    ) -> list[str]:
        from bench.tracking.mlflow_campaigns import task_runs  # noqa: PLC0415 - takes seconds

        uri = self._options.given_uri()
        return correct(
            campaign,
            found.results,
            partial(self._connect, Target(resolve_uri(uri), experiment), None),
            partial(task_runs, uri, experiment),
            SummaryMetrics(compare_with(campaign.baseline)),
        )


def _folders(options: CheckOptions, experiment: ExperimentRequest | None) -> list[Path]:
    """Return the journals to check; for an experiment, those that are on this machine."""
    work_dir = Path(options.work_dir)
    if experiment is None:
        return journals(work_dir, options.sweeps)
    try:
        folders = journals(work_dir, ())
    except UsageError:
        return []
    used = _used_experiment(options, experiment) if folders else None
    return [folder for folder in folders if _belongs(folder, options, experiment, used)]


def _used_experiment(
    options: CheckOptions, experiment: ExperimentRequest
) -> KnownExperiment | None:
    """Return the experiment in the store, or None if it cannot be found there."""
    from bench.tracking.mlflow_reading import existing_experiment, reading  # noqa: PLC0415 - seconds

    try:
        with reading(options.given_uri()) as (client, _):
            return existing_experiment(client, experiment)
    except (TrackingError, UsageError):
        return None


def _campaign_id(folder: Path) -> str | None:
    """Return the id of a campaign, None (with a problem) if its folder cannot be read."""
    try:
        return Campaign.read(folder).campaign_id
    except (TrackingError, UsageError):
        return None


def _belongs(
    folder: Path,
    options: CheckOptions,
    experiment: ExperimentRequest,
    used: KnownExperiment | None,
) -> bool:
    """Return whether results are in the experiment or were meant for it.

    If a store is given, they must be meant for it as well.
    """
    meant, uri = origin.read(folder), options.given_uri()
    if meant is None:
        return False
    if uri is not None and meant.tracking_uri != without_credentials(resolve_uri(uri)):
        return False
    if used is not None and meant.used_experiment is not None:
        return meant.used_experiment == used
    return meant.experiment_request.label == experiment.label


def _present(instances: Iterable[Instance]) -> list[Instance]:
    """Return the instances, except for those whose file has different content now.

    The files are read only if several contents of the same file are recorded.
    """
    groups: dict[Path, list[Instance]] = {}
    for one in instances:
        groups.setdefault(one.path, []).append(one)
    today = {
        path: load(path).digest
        for path, same in groups.items()
        if len({one.digest for one in same}) > 1
    }
    return [
        one
        for same in groups.values()
        for one in same
        if one.digest == today.get(one.path, one.digest)
    ]


def _place(change: VerdictChange) -> tuple[str, str, int, int]:
    task = change.result.task
    return task.instance.label, task.setting.name, task.seed, task.permutation
