"""The MLflow store: one run per setting, and below it one run per task.

It imports mlflow (a second or more, 170 MiB), as its readers do: import it where it is used, never
in a process that solves. It uses only `MlflowClient`, so that no active run or experiment is set.
"""

from __future__ import annotations

import json
import re
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, Run, RunTag
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.system_metrics.system_metrics_monitor import SystemMetricsMonitor

from bench.errors import TrackingError
from bench.store.connectivity import check_server
from bench.store.experiment import DEFAULT_EXPERIMENT, ExperimentRequest, KnownExperiment
from bench.store.failure import failure
from bench.store.run_keys import CAMPAIGN, CAMPAIGN_NAME, KIND, RecordId, tag_of
from bench.store.sql_database import check_database, first_use
from bench.store.sqlite_file import SqliteFile
from bench.store.truncation import truncate_tags
from bench.store.uri import artifact_location, resolve_uri
from bench.tracking.client import NOTE, set_up_client, source_tags
from bench.tracking.experiments import UNKNOWN, find_experiment
from bench.tracking.host_watch import HostWatch
from bench.tracking.orphans import OrphanRuns
from bench.tracking.records.bounds_picture import PICTURE
from bench.tracking.records.descriptions import with_picture
from bench.tracking.records.fields import outdated_tags
from bench.tracking.records.metric_points import metric_points
from bench.tracking.records.names import unique_name
from bench.tracking.stored_campaigns import SETTING
from bench.tracking.ui.colouring import give_colour
from bench.tracking.ui.view_tags import offer_views
from bench.tracking.writer_process import WRITER, this_process

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from mlflow.entities import Experiment

    from bench.instances.instance_set import InstanceSet
    from bench.store.run_keys import ExistingRun, RunKey
    from bench.tracking.records.record import Record
    from bench.tracking.ui.overview import Overview

_GENERATED_NAME = re.compile(r"[a-z]+-[a-z]+-\d{0,4}")


class MlflowStore:
    """Writes settings and tasks as runs of one experiment; every failure is a TrackingError.

    The id of a record is that of its run. It is meant for one thread. ``run_id`` names a run made
    by ``mlflow run``, which the first setting adopts if it is still empty and running.
    """

    def __init__(
        self,
        uri: str | None,
        experiment: ExperimentRequest | str | None,
        run_id: str | None = None,
        campaign_id: str | None = None,
    ) -> None:
        """Connect, creating a new SQLite database and the experiment if necessary.

        If ``run_id`` can be adopted, or has results of the campaign ``campaign_id`` already, the
        experiment is that of the run, regardless of ``experiment``. Any other run is not changed,
        and ``notice`` gives the reason.
        """
        self.uri = resolve_uri(uri)
        self._file = SqliteFile(self.uri)
        set_up_client()
        with self._talking():
            check_database(self.uri)
            with first_use(self.uri) as new:
                if new is not None:
                    MlflowClient(new).search_experiments(max_results=1)
            self._client = MlflowClient(self.uri)
            self._file.remember()
            run = self._run(run_id) if run_id else None
            obstacle = _obstacle(run, campaign_id) if run_id else ""
            self._adopted = run if run is not None and not obstacle else None
            self._notice = (
                f"run {run_id} (MLFLOW_RUN_ID) {obstacle}; it stays unchanged, and the results "
                "get another run"
                if obstacle
                else ""
            )
            found = (
                self._client.get_experiment(self._adopted.info.experiment_id)
                if self._adopted
                else self._experiment(_request(experiment))
            )
            self._experiment_found = found
            self.experiment_id = str(found.experiment_id)
            self._orphans = OrphanRuns(self._client, self.experiment_id)

    @property
    def place(self) -> str:
        """The id of the experiment."""
        return self.experiment_id

    @property
    def experiment(self) -> KnownExperiment:
        """The experiment in a form that finds it again even if it is renamed."""
        return KnownExperiment(self.experiment_id, self._experiment_found.creation_time)

    @property
    def notice(self) -> str:
        """The reason why the given run is not written to, or empty."""
        return self._notice

    def load_existing(self, campaign_id: str) -> dict[RunKey, ExistingRun]:
        """Return the existing records of a campaign, each token once.

        Partial runs of a killed process are deleted, and so are duplicates. No other process may be
        writing runs of this campaign.
        """
        with self._talking():
            kept = self._orphans.load_existing(campaign_id)
        self._adopt_no_more(kept.values())
        return kept

    def find(self, campaign_id: str, run_key: RunKey) -> ExistingRun | None:
        """Return the run of a token if it was written after all; a partial run is deleted."""
        with self._talking():
            found = self._orphans.find(campaign_id, run_key)
        self._adopt_no_more([found] if found else [])
        return found

    def remove_orphans(self, campaign_id: str, keep: Collection[RecordId]) -> None:
        """Delete the running runs of a campaign except for the given ones."""
        with self._talking():
            self._orphans.remove_orphans(campaign_id, keep)

    def close_abandoned(self) -> int:
        """End the runs of this experiment whose process on this host is dead; return how many."""
        with self._talking():
            return self._orphans.close_abandoned()

    def open_setting(self, record: Record, instances: InstanceSet | None = None) -> RecordId:
        """Create the run of a setting or sweep, with params and tags, and return its id."""
        with self._talking():
            if self._adopted is None:
                run = self._written(record, {}, instances)
                with self._deleted_on_error(run.info.run_id):
                    self._show(run.info.run_id, record, instances)
                return RecordId(run.info.run_id)
            run_id = RecordId(self._adopted.info.run_id)
            self._adopt(self._adopted, record)
            self._show(run_id, record, instances)
            self._adopted = None
            return run_id

    def reopen(self, record_id: RecordId, record: Record) -> None:
        """Set the run of a setting or sweep from an earlier process to running again."""
        with self._talking():
            self._adopt(self._client.get_run(record_id), record)

    def add_task(self, record: Record, parent_id: RecordId | None) -> RecordId:
        """Write the finished run of a task and return its id."""
        with self._talking():
            run = self._written(record, {"mlflow.parentRunId": parent_id} if parent_id else {})
            run_id = RecordId(run.info.run_id)
            with self._deleted_on_error(run_id):
                self._upload(run, record)
                self._client.set_terminated(run_id, record.status, record.ended_ms)
            return run_id

    def revise(self, record_id: RecordId, record: Record) -> None:
        """Write another verdict to the finished run of a task."""
        with self._talking():
            run = self._client.get_run(record_id)
            self._log(run, record)
            self._client.set_terminated(record_id, record.status, run.info.end_time)

    def close_setting(self, record_id: RecordId, record: Record, status: str | None = None) -> None:
        """Write the results of the setting and end its run, by default with the record's status.

        Imported results may have ended long before the run began.
        """
        with self._talking():
            run = self._client.get_run(record_id)
            self._log(run, record)
            self._upload(run, record)
            ended_ms = max(record.ended_ms, run.info.start_time)
            self._client.set_terminated(record_id, status or record.status, ended_ms)

    def show_views(self, overview: Overview) -> None:
        """Write the ready-made views of the experiment for this overview; never fails."""
        offer_views(self._client, self.experiment_id, overview)

    def watch_host(self, record_ids: Sequence[RecordId]) -> Callable[[], None]:
        """Log MLflow's own system metrics of the machine to runs until the result is called."""
        monitor = SystemMetricsMonitor(record_ids[0], tracking_uri=self.uri)  # type: ignore[no-untyped-call]

        def log(now_ms: int, step: int) -> None:
            monitor.collect_metrics()  # type: ignore[no-untyped-call]
            numbers = monitor.aggregate_metrics()  # type: ignore[no-untyped-call]
            for part in monitor.monitors:
                part.clear_metrics()  # type: ignore[no-untyped-call]
            points = [Metric(f"system/{name}", v, now_ms, step) for name, v in numbers.items()]
            for run_id in record_ids:
                self._client.log_batch(run_id, points)

        return HostWatch(log, monitor.sampling_interval).stop

    def _show(self, run_id: str, record: Record, instances: InstanceSet | None) -> None:
        """Give a setting's run its colour, and show an instance set as the dataset of a run."""
        if record.tags[KIND] == SETTING:
            give_colour(self._client, self.experiment_id, run_id, record.tags.get(CAMPAIGN))
        if instances:
            source, profile = instances.source(), json.dumps({"num_rows": len(instances.instances)})
            dataset = Dataset(instances.name, instances.digest, "local", source, profile=profile)
            context = InputTag("mlflow.data.context", "instances")
            self._client.log_inputs(run_id, datasets=[DatasetInput(dataset, [context])])

    def _run(self, run_id: str) -> Run | None:
        try:
            return self._client.get_run(run_id)
        except MlflowException as error:
            if error.error_code in UNKNOWN:
                return None
            raise

    def _experiment(self, request: ExperimentRequest) -> Experiment:
        found = find_experiment(self._client, request)
        if found is not None:
            return found
        name = request.name or DEFAULT_EXPERIMENT
        try:
            new = self._client.create_experiment(name, artifact_location(self.uri, name))
        except MlflowException:
            found = find_experiment(self._client, request)
            if found is None:
                raise
            return found
        return self._client.get_experiment(new)

    def _written(
        self, record: Record, tags: Mapping[str, str], instances: InstanceSet | None = None
    ) -> Run:
        run = self._client.create_run(
            self.experiment_id,
            start_time=record.started_ms,
            tags={**source_tags(), **record.tags, **tags, WRITER: this_process()},
            run_name=self._run_name(record, instances.name if instances else ""),
        )
        with self._deleted_on_error(run.info.run_id):
            self._log(run, record)
        return run

    def _run_name(self, record: Record, instances: str) -> str:
        """Return the record's name; if other settings have it, with the name of the campaign.

        If the campaign has the name of the setting, its ``instances`` are used instead.
        """
        if record.tags.get(KIND) != SETTING:
            return record.name
        campaign = record.tags.get(CAMPAIGN_NAME, "")
        context = instances if campaign == record.name else campaign
        return unique_name(record.name, context, self._is_taken)

    def _is_taken(self, name: str) -> bool:
        """Return whether the run of another setting has a name; False if that is unknown."""
        quote = next((each for each in "'\"" if each not in name), None)
        if quote is None:
            return False
        wanted = f"attributes.run_name = {quote}{name}{quote} and tags.`{KIND}` = '{SETTING}'"
        return bool(self._client.search_runs([self.experiment_id], wanted, max_results=1))

    def _adopt_no_more(self, taken: Iterable[ExistingRun]) -> None:
        if self._adopted and self._adopted.info.run_id in {found.record_id for found in taken}:
            self._adopted = None

    def _adopt(self, run: Run, record: Record) -> None:
        name = record.name if _GENERATED_NAME.fullmatch(run.info.run_name or "") else None
        self._client.update_run(run.info.run_id, "RUNNING", name)
        self._log(run, record)

    def _log(self, run: Run, record: Record) -> None:
        run_id, known = run.info.run_id, run.data
        wanted = _tags(record, run_id, known.tags.get(NOTE, "")) | {WRITER: this_process()}
        params = [Param(name, v) for name, v in record.params.items() if name not in known.params]
        tags = [RunTag(name, v) for name, v in wanted.items() if known.tags.get(name) != v]
        new = metric_points(record, known.metrics, round(1000 * time.time()))
        self._client.log_batch(run_id, [Metric(*point) for point in new], params, tags)
        for name in outdated_tags(wanted, known.tags):
            self._client.delete_tag(run_id, name)

    @contextmanager
    def _deleted_on_error(self, run_id: str) -> Iterator[None]:
        try:
            yield
        except BaseException:
            with suppress(Exception):
                self._client.delete_run(run_id)
            raise

    def _upload(self, run: Run, record: Record) -> None:
        files = [file for file in record.artifacts if file.is_file()]
        if not files and not record.texts:
            return
        repository = get_artifact_repository(run.info.artifact_uri, tracking_uri=self.uri)
        with TemporaryDirectory(prefix="bench-") as folder:
            for name, text in record.texts.items():
                written = Path(folder) / name
                written.write_text(text, encoding="utf-8", newline="\n")
                files.append(written)
            for file in files:
                repository.log_artifact(str(file))  # type: ignore[no-untyped-call]

    @contextmanager
    def _talking(self) -> Iterator[None]:
        check_server(self.uri)
        try:
            with self._in_the_same_file():
                yield
        except TrackingError:
            raise
        except Exception as error:
            raise failure(error, self.uri) from error

    @contextmanager
    def _in_the_same_file(self) -> Iterator[None]:
        """Raise TrackingError unless the SQLite file is still the one that was opened.

        Connections to the former file are closed: MLflow keeps them for all stores of this address.
        """
        self._check_file()
        try:
            yield
        finally:
            self._check_file()

    def _check_file(self) -> None:
        try:
            self._file.check()
        except TrackingError:
            store = self._client._tracking_client.store  # noqa: SLF001 - no other way to its engine
            store.engine.dispose()
            raise


def _request(experiment: ExperimentRequest | str | None) -> ExperimentRequest:
    if isinstance(experiment, ExperimentRequest):
        return experiment
    return ExperimentRequest(name=experiment)


def _obstacle(run: Run | None, campaign_id: str | None) -> str:
    """Return the reason why a run may not be written to, or empty."""
    if run is None:
        return "does not exist in this store"
    if run.info.lifecycle_stage != "active":
        return "was deleted"
    if KIND in run.data.tags:
        own = campaign_id is not None and tag_of(run.data.tags, CAMPAIGN) == campaign_id
        return "" if own else "already has other results of bench"
    return "" if run.info.status == "RUNNING" else f"is not running any more ({run.info.status})"


def _tags(record: Record, run_id: str, note: str) -> dict[str, str]:
    """Return the tags of a record's run; MLflow stores the description as one of them.

    ``note`` is the present description: a picture in it is kept.
    """
    picture = record.picture or (PICTURE if PICTURE in note else "")
    description = with_picture(record.description, picture, run_id)
    return record.tags | truncate_tags({NOTE: description})
