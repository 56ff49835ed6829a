"""Reading results back from MLflow: the tables that setting and sweep runs hold.

Reading every task run through the API takes 20 s for 10,000; a table takes one request.
Beside `mlflow_store` the only module that imports mlflow: import it where it is used.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from bench.errors import UsageError
from bench.tracking.client import set_up_client
from bench.tracking.failure import failure
from bench.tracking.reach import check_server
from bench.tracking.table import TABLE, read_parquet
from bench.tracking.uri import resolve_uri, sqlite_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from mlflow.entities import Run

PAGE = 1000
SETTINGS = "tags.\"bench.kind\" = 'setting'"


def result_tables(
    uri: str | None, experiment: str | None = None, run_ids: Sequence[str] = ()
) -> dict[str, pd.DataFrame]:
    """Return the tables of results by run id: those of the given runs, else of all settings' runs.

    UsageError where there is no such experiment or run, or nothing in it; TrackingError where the
    store cannot be reached.
    """
    where = resolve_uri(uri)
    set_up_client()
    check_server(where)
    database = sqlite_path(where)
    if database is not None and not database.exists():
        raise UsageError(f"{database}: there is no such database; see --tracking-uri")
    client = MlflowClient(where)
    try:
        runs = (
            [_run(client, run_id) for run_id in run_ids]
            if run_ids
            else _setting_runs(client, experiment or "Default")
        )
        return {str(run.info.run_id): _table(run, where) for run in runs}
    except UsageError:
        raise
    except Exception as error:
        raise failure(error, where) from error


def experiment_ids(uri: str) -> dict[str, str]:
    """Return the ids of a store's experiments by their names, the one with the newest run first.

    TrackingError where the store cannot be reached.
    """
    set_up_client()
    check_server(uri)
    client = MlflowClient(uri)
    try:
        found = {str(each.name): str(each.experiment_id) for each in client.search_experiments()}
        newest = client.search_runs(
            list(found.values()), max_results=1, order_by=["attributes.start_time DESC"]
        )
    except Exception as error:
        raise failure(error, uri) from error
    first = newest[0].info.experiment_id if newest else None
    return dict(sorted(found.items(), key=lambda pair: pair[1] != first))


def _setting_runs(client: MlflowClient, name: str) -> list[Run]:
    found = client.get_experiment_by_name(name)
    if found is None:
        names = ", ".join(repr(each.name) for each in client.search_experiments()) or "none"
        raise UsageError(f"no experiment {name!r} in MLflow; there are: {names}")
    runs: list[Run] = []
    token = None
    while True:
        page = client.search_runs([found.experiment_id], SETTINGS, 1, PAGE, page_token=token)
        runs += [run for run in page if run.info.status != "RUNNING"]
        token = page.token
        if not token:
            break
    if not runs:
        raise UsageError(
            f"experiment {name!r} has no finished settings; record some with bench run"
        )
    return runs


def _run(client: MlflowClient, run_id: str) -> Run:
    try:
        return client.get_run(run_id)
    except MlflowException as error:
        if error.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
            raise UsageError(f"no run {run_id!r} in MLflow") from error
        raise


def _table(run: Run, uri: str) -> pd.DataFrame:
    repository = get_artifact_repository(run.info.artifact_uri, tracking_uri=uri)
    names = {file.path for file in repository.list_artifacts()}
    if TABLE not in names:
        raise UsageError(
            f"run {run.info.run_name!r} ({run.info.run_id}) holds no {TABLE}; "
            "choose the runs of settings or sweeps"
        )
    with tempfile.TemporaryDirectory() as folder:
        repository.download_artifacts(TABLE, folder)  # type: ignore[no-untyped-call]
        return read_parquet(Path(folder) / TABLE)
