"""Read results from MLflow: the tables on setting and sweep runs.

Reading every task run through the API takes 20 s for 10,000; a table takes one request. It imports
mlflow: import it where it is used.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from bench.errors import BenchError, UsageError
from bench.journal.table import TABLE, read_parquet
from bench.model.record_level import RecordLevel
from bench.store.connectivity import check_server
from bench.store.experiment import ExperimentRequest, KnownExperiment
from bench.store.failure import failure
from bench.store.run_keys import BASELINE, CAMPAIGN_NAME, LEFT_OUT, RECORD, tag_of
from bench.store.uri import resolve_uri, sqlite_path
from bench.tracking.client import set_up_client
from bench.tracking.experiments import UNKNOWN, experiment_names, find_experiment
from bench.tracking.patience import Patience, PatientClient, result_within

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd
    from mlflow.entities import Run

PAGE = 1000
_NAMED = 3
SETTINGS = "tags.\"bench.kind\" = 'setting'"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTables:
    """Tables of results by the ids of their runs.

    ``baseline`` is the setting that all of them were compared with; None if there are several, or
    none. ``left_out`` are lines about settings' runs that do not count.
    """

    tables: Mapping[str, pd.DataFrame]
    baseline: str | None
    left_out: tuple[str, ...]


def stored_tables(
    uri: str | None, experiment: ExperimentRequest, run_ids: Sequence[str] = ()
) -> StoredTables:
    """Return the tables of results of the given runs, by default of all settings' runs.

    A setting's run does not count if the present plan of its sweep does not contain it; a given run
    always counts. Raise UsageError if there is no such experiment or run, or nothing in it,
    ExperimentError if the experiment cannot be used, TrackingError if the store cannot be reached.
    """
    with reading(uri) as (client, where):
        lines: tuple[str, ...] = ()
        if run_ids:
            runs = [_run(client, run_id) for run_id in run_ids]
        else:
            runs, lines = _setting_runs(client, experiment)
        return StoredTables(
            tables={str(run.info.run_id): _table(run, where) for run in runs},
            baseline=_common_baseline(runs),
            left_out=lines,
        )


def _common_baseline(runs: Sequence[Run]) -> str | None:
    """Return the baseline of all runs of settings that have one, None if it differs."""
    named = {run.data.tags[BASELINE] for run in runs if BASELINE in run.data.tags}
    return named.pop() if len(named) == 1 else None


@contextmanager
def reading(uri: str | None) -> Iterator[tuple[MlflowClient, str]]:
    """Yield a client and the resolved URI of an existing store.

    A server that answers too slowly is given up (SlowServerError). Raise UsageError if there is no
    such database, TrackingError if the store cannot be reached or fails.
    """
    where = resolve_uri(uri)
    set_up_client()
    check_server(where)
    database = sqlite_path(where)
    if database is not None and not database.exists():
        raise UsageError(f"{database}: the database does not exist; see --tracking-uri")
    try:
        client = MlflowClient(where)
        if database is None:
            client = cast("MlflowClient", PatientClient(client, where))
        yield client, where
    except BenchError:
        raise
    except Exception as error:
        raise failure(error, where) from error


def experiment_to_show(uri: str, experiment: ExperimentRequest | None) -> str | None:
    """Return the id of the experiment, by default that with the newest run, if there is any.

    Errors as for `stored_tables`.
    """
    with reading(uri) as (client, _):
        if experiment is not None:
            return existing_experiment(client, experiment).experiment_id
        known = [str(each.experiment_id) for each in client.search_experiments()]
        newest = client.search_runs(known, max_results=1, order_by=["attributes.start_time DESC"])
    return newest[0].info.experiment_id if newest else next(iter(known), None)


def existing_experiment(client: MlflowClient, request: ExperimentRequest) -> KnownExperiment:
    """Return the requested experiment; UsageError or ExperimentError if there is none."""
    found = find_experiment(client, request)
    if found is None:
        raise UsageError(
            f"no experiment {request.label!r} in MLflow; there are: {experiment_names(client)}"
        )
    return KnownExperiment(str(found.experiment_id), found.creation_time)


def runs_of(client: MlflowClient, experiment: ExperimentRequest, wanted: str) -> Iterator[Run]:
    """Yield the runs of an experiment that match a filter; errors as for finding it."""
    found = existing_experiment(client, experiment)
    token: str | None = ""
    while token is not None:
        page = client.search_runs([found.experiment_id], wanted, 1, PAGE, page_token=token or None)
        yield from page
        token = page.token or None


def table_of(run: Run, uri: str) -> pd.DataFrame | None:
    """Return the table of results on a run, None if it has none."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        download = partial(_downloaded, str(run.info.artifact_uri), uri, folder)
        file = result_within(Patience.with_reading(uri), download)
        return None if file is None else read_parquet(file)


def _downloaded(artifacts: str, uri: str, folder: str) -> Path | None:
    """Download the table of a run into a folder; None if the run has none."""
    repository = get_artifact_repository(artifacts, tracking_uri=uri)
    if TABLE not in {file.path for file in repository.list_artifacts()}:
        return None
    repository.download_artifacts(TABLE, folder)  # type: ignore[no-untyped-call]
    return Path(folder) / TABLE


def _setting_runs(
    client: MlflowClient, experiment: ExperimentRequest
) -> tuple[list[Run], tuple[str, ...]]:
    """Return the finished runs of settings that count, and a line about the others."""
    runs = [run for run in runs_of(client, experiment, SETTINGS) if run.info.status != "RUNNING"]
    if not runs:
        raise UsageError(
            f"experiment {experiment.label!r} has no finished settings; record some with bench run"
        )
    left_out = [run for run in runs if LEFT_OUT in run.data.tags]
    without = [run for run in runs if run not in left_out and _is_without_table(run)]
    counted = [run for run in runs if run not in left_out and run not in without]
    lines = [
        *([_left_out_line(experiment.label, left_out)] if left_out else []),
        *([f"{experiment.label}: {_without_table(without)}"] if without else []),
    ]
    if not counted:
        raise UsageError(f"{'; '.join(lines)}; no other setting is finished")
    return counted, tuple(lines)


def _is_without_table(run: Run) -> bool:
    return tag_of(run.data.tags, RECORD) == RecordLevel.NONE


def _without_table(runs: Sequence[Run]) -> str:
    """Return why runs have no table, and where it is."""
    names = dict.fromkeys(run.data.tags.get(CAMPAIGN_NAME, run.info.run_name) for run in runs)
    return (
        f"MLflow has no table of {', '.join(list(names)[:_NAMED])} (--record none); the journal "
        "has the results, on the machine that executed them"
    )


def _left_out_line(experiment: str, runs: Sequence[Run]) -> str:
    named = ", ".join(f"{run.info.run_name} ({run.data.tags[LEFT_OUT]})" for run in runs[:_NAMED])
    more = f" and {len(runs) - _NAMED} more" if len(runs) > _NAMED else ""
    subject = "1 setting run is" if len(runs) == 1 else f"{len(runs)} setting runs are"
    return (
        f"{experiment}: {subject} left out, because they belong to an earlier plan: {named}{more}"
    )


def _run(client: MlflowClient, run_id: str) -> Run:
    try:
        run = client.get_run(run_id)
    except MlflowException as error:
        if error.error_code in UNKNOWN:
            raise UsageError(f"no run {run_id!r} in MLflow") from error
        raise
    if run.info.lifecycle_stage != "active":
        raise UsageError(
            f"run {run_id!r} was deleted; restore it with `mlflow runs restore --run-id {run_id}`"
        )
    return run


def _table(run: Run, uri: str) -> pd.DataFrame:
    table = table_of(run, uri)
    if table is None and _is_without_table(run):
        raise UsageError(_without_table([run]))
    if table is None:
        raise UsageError(
            f"run {run.info.run_name!r} ({run.info.run_id}) has no file {TABLE}; choose the run "
            "of a setting or a sweep"
        )
    return table
