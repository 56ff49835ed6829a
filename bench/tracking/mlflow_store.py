"""The MLflow store: one run per setting, beneath it one run per task.

The only module that imports mlflow (a second or more, 170 MiB): import it where it is used, never
in a process that solves. It keeps to `MlflowClient`, so that no active run or experiment is set.
"""

from __future__ import annotations

import getpass
import json
import logging
import os
import re
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, Run, RunTag
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from bench.errors import TrackingError
from bench.tracking.failure import explain
from bench.tracking.reach import check_server, first_use
from bench.tracking.uri import resolve_uri, sqlite_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bench.tracking.instance_set import InstanceSet
    from bench.tracking.record import Record

DEFAULT_EXPERIMENT = "Default"

_GENERATED_NAME = re.compile(r"[a-z]+-[a-z]+-\d{0,4}")
_SOURCE = {"mlflow.source.name": "bench", "mlflow.source.type": "LOCAL"}


class MlflowStore:
    """Writes settings and tasks as runs of one experiment; every failure is a TrackingError.

    It is meant for one thread. ``run_id`` names a run made by ``mlflow run``, which the first
    setting adopts.
    """

    def __init__(self, uri: str | None, experiment: str | None, run_id: str | None = None) -> None:
        """Connect, creating a new SQLite database and the experiment where needed.

        With ``run_id`` the experiment is the one of that run, whatever ``experiment`` says.
        """
        self.uri = resolve_uri(uri)
        _be_quiet()
        with self._talking():
            database = sqlite_path(self.uri)
            if database is None:
                self._client = MlflowClient(self.uri)
            else:
                with first_use(database):
                    self._client = MlflowClient(self.uri)
                    self._client.search_experiments(max_results=1)
            self._adopted = self._client.get_run(run_id) if run_id else None
            self.experiment_id = (
                self._adopted.info.experiment_id
                if self._adopted
                else self._experiment(experiment or DEFAULT_EXPERIMENT)
            )

    def open_setting(self, record: Record) -> str:
        """Return the id of the setting's run, which is now running and has params and tags."""
        with self._talking():
            if self._adopted is None:
                return str(self._written(record, {}).info.run_id)
            run_id = str(self._adopted.info.run_id)
            self._adopt(self._adopted, record)
            self._adopted = None
            return run_id

    def add_task(self, record: Record, parent_id: str | None) -> str:
        """Write the finished run of a task and return its id."""
        with self._talking():
            run = self._written(record, {"mlflow.parentRunId": parent_id} if parent_id else {})
            run_id = str(run.info.run_id)
            with self._deleted_on_error(run_id):
                self._upload(run, record.artifacts)
                self._client.set_terminated(run_id, record.status, record.ended_ms)
            return run_id

    def close_setting(self, run_id: str, record: Record, status: str | None = None) -> None:
        """Write what the setting came to and end its run, with the record's status if not given."""
        with self._talking():
            run = self._client.get_run(run_id)
            self._log(run, record)
            self._upload(run, record.artifacts)
            self._client.set_terminated(run_id, status or record.status, record.ended_ms)

    def log_dataset(self, run_id: str, instances: InstanceSet) -> None:
        """Show an instance set as the dataset of a run."""
        dataset = Dataset(
            name=instances.name,
            digest=instances.digest,
            source_type="local",
            source=instances.source(),
            profile=json.dumps({"num_rows": len(instances.instances)}),
        )
        context = InputTag("mlflow.data.context", "instances")
        with self._talking():
            self._client.log_inputs(run_id, datasets=[DatasetInput(dataset, [context])])

    def _experiment(self, name: str) -> str:
        found = self._client.get_experiment_by_name(name)
        if found is None:
            try:
                return str(self._client.create_experiment(name, self._artifact_location(name)))
            except MlflowException:
                found = self._client.get_experiment_by_name(name)
                if found is None:
                    raise
        if found.lifecycle_stage != "active":
            raise TrackingError(
                f"experiment {name!r} was deleted; choose another name or restore it with "
                f"`mlflow experiments restore --experiment-id {found.experiment_id}`"
            )
        return str(found.experiment_id)

    def _artifact_location(self, name: str) -> str | None:
        database = sqlite_path(self.uri)
        if database is None or database.parent == Path.cwd():
            return None
        return (database.parent / "mlruns" / quote(name, safe=" ")).as_uri()

    def _written(self, record: Record, tags: Mapping[str, str]) -> Run:
        run = self._client.create_run(
            self.experiment_id,
            start_time=record.started_ms,
            tags={**_SOURCE, "mlflow.user": _user(), **record.tags, **tags},
            run_name=record.name,
        )
        with self._deleted_on_error(run.info.run_id):
            self._log(run, record)
        return run

    def _adopt(self, run: Run, record: Record) -> None:
        generated = _GENERATED_NAME.fullmatch(run.info.run_name or "")
        name = record.name if generated else None
        self._client.update_run(run.info.run_id, "RUNNING", name)
        self._log(run, record)

    def _log(self, run: Run, record: Record) -> None:
        params = {name: v for name, v in record.params.items() if name not in run.data.params}
        tags = {name: v for name, v in record.tags.items() if run.data.tags.get(name) != v}
        self._client.log_batch(
            run.info.run_id,
            metrics=_metrics(record),
            params=[Param(name, value) for name, value in params.items()],
            tags=[RunTag(name, value) for name, value in tags.items()],
        )

    @contextmanager
    def _deleted_on_error(self, run_id: str) -> Iterator[None]:
        try:
            yield
        except BaseException:
            with suppress(Exception):
                self._client.delete_run(run_id)
            raise

    def _upload(self, run: Run, files: tuple[Path, ...]) -> None:
        existing = [file for file in files if file.is_file()]
        if existing:
            repository = get_artifact_repository(run.info.artifact_uri, tracking_uri=self.uri)
            for file in existing:
                repository.log_artifact(str(file))  # type: ignore[no-untyped-call]

    @contextmanager
    def _talking(self) -> Iterator[None]:
        check_server(self.uri)
        try:
            yield
        except TrackingError:
            raise
        except Exception as error:
            raise TrackingError(explain(error, self.uri)) from error


def _metrics(record: Record) -> list[Metric]:
    single = [Metric(name, value, record.ended_ms, 0) for name, value in record.metrics.items()]
    series = [
        Metric(name, value, when, step)
        for name, points in record.series.items()
        for when, step, value in points
    ]
    return single + series


def _user() -> str:
    with suppress(OSError, KeyError):
        return getpass.getuser()
    return "unknown"


def _be_quiet() -> None:
    os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"
    if "MLFLOW_LOGGING_LEVEL" not in os.environ:
        logging.getLogger("mlflow").setLevel(logging.WARNING)
        logging.getLogger("alembic").setLevel(logging.WARNING)
