"""What ``bench check`` does to a campaign, and to all that only a store has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from bench.app.execute import rejudged
from bench.app.plan import references
from bench.cli.shared.options import complain
from bench.cli.sync import Connect
from bench.comparison.summaries import Summaries
from bench.errors import TrackingError, UsageError
from bench.journal.campaign import Campaign
from bench.model.reference import Reference
from bench.model.result import Result
from bench.report.changes import Change, Checked
from bench.tracking.correction import correct
from bench.tracking.stored_campaigns import StoredCampaign
from bench.verification.consistency import reconsidered

GOING_ON = (
    "going on, or its process was killed, which bench sync puts in order where its journal is"
)


@dataclass(slots=True)
class Outcome:
    """What was checked of which campaigns, and why something was not possible, a line each."""

    names: list[str] = field(default_factory=list)
    checked: list[Checked] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        """Take over what else was checked."""
        self.names += other.names
        self.checked += other.checked
        self.problems += other.problems


def judged(
    campaign: str, recorded: Sequence[Result], known: Mapping[str, Reference]
) -> tuple[Checked, list[Result]]:
    """Return a campaign's results judged again, each alone and then against each other.

    Beside it those that are new where each is judged alone, as in a journal. ``known`` are the
    references of today by instance. What has changed is sorted by instance, setting, seed and
    permutation.
    """
    alone = [rejudged(result, known) for result in recorded]
    before, now = reconsidered(recorded), reconsidered(alone)
    changes = [
        Change(campaign=campaign, result=new, before=old.verdict)
        for old, new in zip(before, now, strict=True)
        if (old.verdict.category, old.verdict.kind) != (new.verdict.category, new.verdict.kind)
    ]
    new = [one for old, one in zip(recorded, alone, strict=True) if old != one]
    return Checked(results=now, changes=sorted(changes, key=_place)), new


def check_stored(options: Mapping[str, Any], folders: Sequence[Path], connect: Connect) -> Outcome:
    """Check what an experiment has beside the campaigns in the folders, by the tables in MLflow.

    UsageError where there is nothing at all, TrackingError where there are no folders either and
    the store cannot be reached.
    """
    from bench.tracking.mlflow_campaigns import stored_campaigns  # noqa: PLC0415 - takes seconds

    known = references([], options["solu"], options["solu_columns"])
    here = {Campaign.read(folder).campaign_id for folder in folders}
    outcome = Outcome()
    try:
        campaigns = stored_campaigns(options["tracking_uri"], options["experiment_name"], here)
    except (TrackingError, UsageError) as error:
        if not here:
            raise
        return Outcome(problems=[str(error)] if isinstance(error, TrackingError) else [])
    for campaign in campaigns:
        outcome.names.append(campaign.name)
        if not options["dry_run"] and campaign.going_on:
            complain([f"{campaign.name}: {GOING_ON}"])
            continue
        try:
            found, _ = judged(campaign.name, campaign.results, known)
            outcome.checked.append(found)
            if not options["dry_run"]:
                outcome.problems += _corrected(campaign, found, options, connect)
        except TrackingError as error:
            outcome.problems.append(f"{campaign.name}: {error}")
    return outcome


def _corrected(
    campaign: StoredCampaign, found: Checked, options: Mapping[str, Any], connect: Connect
) -> list[str]:
    from bench.tracking.mlflow_campaigns import task_runs  # noqa: PLC0415 - takes seconds

    uri, experiment = options["tracking_uri"], options["experiment_name"]
    return correct(
        campaign,
        found.results,
        partial(connect, uri, experiment, None),
        partial(task_runs, uri, experiment),
        Summaries(),
    )


def _place(change: Change) -> tuple[str, str, int, int]:
    task = change.result.task
    return task.instance.name, task.setting.name, task.seed, task.permutation
