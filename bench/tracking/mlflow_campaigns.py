"""The campaigns of an MLflow experiment, read from the runs of settings and sweeps.

It imports mlflow: import it where it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.errors import UsageError
from bench.store.run_keys import (
    CAMPAIGN,
    CAMPAIGN_NAME,
    KIND,
    LEFT_OUT,
    SWEEP,
    TERMINATED,
    RecordId,
    RunKey,
    run_key_of,
    tag_of,
)
from bench.tracking.client import NOTE
from bench.tracking.mlflow_reading import reading, runs_of, table_of
from bench.tracking.stored_campaigns import SETTING, StoredCampaign, StoredRun

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from mlflow.entities import Run

    from bench.store.experiment import ExperimentRequest

_RUNNING = "RUNNING"


def stored_campaigns(
    uri: str | None, experiment: ExperimentRequest, without: Collection[str] = ()
) -> list[StoredCampaign]:
    """Return the campaigns of an experiment, the oldest first, except for those of the given ids.

    Raise UsageError if there is no such experiment, or no results in it, ExperimentError if it
    cannot be used, TrackingError if the store cannot be reached or a table cannot be read.
    """
    with reading(uri) as (client, where):
        runs: dict[str, list[Run]] = {}
        for kind in (SETTING, SWEEP.kind):
            for run in runs_of(client, experiment, f"tags.`{KIND}` = '{kind}'"):
                runs.setdefault(tag_of(run.data.tags, CAMPAIGN) or run.info.run_id, []).append(run)
        found = [
            _campaign(own, where)
            for campaign_id, own in sorted(runs.items(), key=lambda pair: _started(pair[1]))
            if campaign_id not in without
        ]
    if not without and not any(one.runs or one.is_running for one in found):
        raise UsageError(
            f"experiment {experiment.label!r} has no results; record some with bench run"
        )
    return found


def task_runs(
    uri: str | None, experiment: ExperimentRequest, parent_id: RecordId
) -> dict[RunKey, RecordId]:
    """Return the ids of the task runs below a setting's run, one for each attempt at a task."""
    beneath = f"tags.`mlflow.parentRunId` = '{parent_id}' and tags.`{KIND}` = 'task'"
    with reading(uri) as (client, _):
        return {
            run_key: RecordId(run.info.run_id)
            for run in runs_of(client, experiment, beneath)
            if run.info.status in TERMINATED and (run_key := run_key_of(run.data.tags))
        }


def _started(runs: Sequence[Run]) -> int:
    moments: list[int] = [run.info.start_time for run in runs]
    return min(moments)


def _campaign(runs: Sequence[Run], uri: str) -> StoredCampaign:
    counted = [run for run in runs if LEFT_OUT not in run.data.tags]
    stored = [_stored(run, uri) for run in counted if run.info.status != _RUNNING]
    return StoredCampaign(
        name=runs[0].data.tags.get(CAMPAIGN_NAME, runs[0].info.run_name),
        runs=[run for run in stored if run is not None],
        is_running=any(run.info.status == _RUNNING for run in runs),
        left_out=[
            f"{run.info.run_name} ({run.data.tags[LEFT_OUT]})"
            for run in runs
            if LEFT_OUT in run.data.tags
        ],
    )


def _stored(run: Run, uri: str) -> StoredRun | None:
    """Return a run with its table; None if it has no result."""
    table = table_of(run, uri)
    if table is None:
        return None
    return StoredRun(
        record_id=RecordId(run.info.run_id),
        name=str(run.info.run_name),
        status=str(run.info.status),
        ended_ms=run.info.end_time or run.info.start_time,
        description=run.data.tags.get(NOTE, ""),
        tags=run.data.tags,
        table=table,
    )
