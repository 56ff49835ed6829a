"""Reading results back from MLflow: the tables that setting and sweep runs hold.

Reading every task run through the API takes 20 s for 10,000; a table takes one request.
It imports mlflow: import it where it is used.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from bench.errors import BenchError, UsageError
from bench.journal.table import TABLE, read_parquet
from bench.store.connectivity import check_server
from bench.store.failure import failure
from bench.store.run_keys import LEFT_OUT
from bench.store.uri import resolve_uri, sqlite_path
from bench.tracking.client import set_up_client

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    from mlflow.entities import Run

PAGE = 1000
_NAMED = 3
SETTINGS = "tags.\"bench.kind\" = 'setting'"


def result_tables(
    uri: str | None, experiment: str | None = None, run_ids: Sequence[str] = ()
) -> tuple[dict[str, pd.DataFrame], tuple[str, ...]]:
    """Return the tables of results by run id: those of the given runs, else of all settings' runs.

    Beside them there is a line about settings' runs that do not count, because the present plan of
    their sweep does not contain them; a run that is given counts. UsageError where there is no such
    experiment or run, or nothing in it; TrackingError where the store cannot be reached.
    """
    with reading(uri) as (client, where):
        lines: tuple[str, ...] = ()
        if run_ids:
            runs = [_run(client, run_id) for run_id in run_ids]
        else:
            runs, lines = _setting_runs(client, experiment or "Default")
        return {str(run.info.run_id): _table(run, where) for run in runs}, lines


@contextmanager
def reading(uri: str | None) -> Iterator[tuple[MlflowClient, str]]:
    """Give a client and the resolved URI of a store that is there.

    UsageError where there is no such database, TrackingError where the store cannot be reached or
    something goes wrong meanwhile.
    """
    where = resolve_uri(uri)
    set_up_client()
    check_server(where)
    database = sqlite_path(where)
    if database is not None and not database.exists():
        raise UsageError(f"{database}: there is no such database; see --tracking-uri")
    try:
        yield MlflowClient(where), where
    except BenchError:
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


def runs_of(client: MlflowClient, experiment: str, wanted: str) -> Iterator[Run]:
    """Yield the runs of an experiment that a filter lets through; UsageError if there is none."""
    found = client.get_experiment_by_name(experiment)
    if found is None:
        names = ", ".join(repr(each.name) for each in client.search_experiments()) or "none"
        raise UsageError(f"no experiment {experiment!r} in MLflow; there are: {names}")
    token: str | None = ""
    while token is not None:
        page = client.search_runs([found.experiment_id], wanted, 1, PAGE, page_token=token or None)
        yield from page
        token = page.token or None


def table_of(run: Run, uri: str) -> pd.DataFrame | None:
    """Return the table of results that a run holds, None if it has none."""
    repository = get_artifact_repository(run.info.artifact_uri, tracking_uri=uri)
    if TABLE not in {file.path for file in repository.list_artifacts()}:
        return None
    with tempfile.TemporaryDirectory() as folder:
        repository.download_artifacts(TABLE, folder)  # type: ignore[no-untyped-call]
        return read_parquet(Path(folder) / TABLE)


def _setting_runs(client: MlflowClient, name: str) -> tuple[list[Run], tuple[str, ...]]:
    """Return the ended runs of settings that count, and a line about those that do not."""
    runs = [run for run in runs_of(client, name, SETTINGS) if run.info.status != "RUNNING"]
    if not runs:
        raise UsageError(
            f"experiment {name!r} has no finished settings; record some with bench run"
        )
    counted = [run for run in runs if LEFT_OUT not in run.data.tags]
    left_out = [run for run in runs if LEFT_OUT in run.data.tags]
    if not left_out:
        return counted, ()
    line = _left_out_line(name, left_out)
    if not counted:
        raise UsageError(f"{line}; no other setting is finished")
    return counted, (line,)


def _left_out_line(experiment: str, runs: Sequence[Run]) -> str:
    named = ", ".join(f"{run.info.run_name} ({run.data.tags[LEFT_OUT]})" for run in runs[:_NAMED])
    more = f" and {len(runs) - _NAMED} more" if len(runs) > _NAMED else ""
    subject = "1 setting run is" if len(runs) == 1 else f"{len(runs)} setting runs are"
    return f"{experiment}: {subject} left out, of an earlier plan: {named}{more}"


def _run(client: MlflowClient, run_id: str) -> Run:
    try:
        return client.get_run(run_id)
    except MlflowException as error:
        if error.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
            raise UsageError(f"no run {run_id!r} in MLflow") from error
        raise


def _table(run: Run, uri: str) -> pd.DataFrame:
    table = table_of(run, uri)
    if table is None:
        raise UsageError(
            f"run {run.info.run_name!r} ({run.info.run_id}) holds no {TABLE}; "
            "choose the runs of settings or sweeps"
        )
    return table
