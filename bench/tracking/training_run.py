"""A run in MLflow for a training: the data that scikit-learn's autologging writes, and ours.

This module imports mlflow: import it inside functions. Autologging uses only MLflow's fluent
interface, so the tracking URI of the process is changed during the training.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import mlflow
from mlflow.entities import Metric, Param, RunTag

from bench.errors import BenchError
from bench.store.experiment import ExperimentRequest
from bench.store.failure import failure
from bench.store.run_keys import KIND
from bench.store.truncation import truncate_params, truncate_tags
from bench.tracking.client import NOTE, source_tags
from bench.tracking.mlflow_store import MlflowStore

SELECTOR = "selector"
"""The kind of a training's run."""
_OURS = ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRecord:
    """The data of a training's run that is not logged automatically; ``files`` by their paths."""

    params: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    description: str
    files: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def training_run(
    uri: str | None, experiment: ExperimentRequest, name: str, record: TrainingRecord
) -> Iterator[str]:
    """Yield the id of a new run, to which each ``fit`` of scikit-learn is logged in this context.

    Models, data sets and examples are not logged. Raise TrackingError if the store cannot be
    reached.
    """
    store = MlflowStore(uri, experiment)
    before = {one: os.environ.pop(one, None) for one in _OURS}
    try:
        mlflow.set_tracking_uri(store.uri)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            run = mlflow.start_run(
                experiment_id=store.experiment_id,
                run_name=name,
                nested=True,
                tags={KIND: SELECTOR, **source_tags()},
            )
            with run:
                _autolog(disable=False)
                try:
                    yield str(run.info.run_id)
                finally:
                    _autolog(disable=True)
                _write(str(run.info.run_id), record)
    except BenchError:
        raise
    except Exception as error:
        raise failure(error, store.uri) from error
    finally:
        mlflow.set_tracking_uri(before["MLFLOW_TRACKING_URI"])  # type: ignore[arg-type]
        os.environ.update({one: value for one, value in before.items() if value is not None})


def _autolog(*, disable: bool) -> None:
    import mlflow.sklearn  # noqa: PLC0415  fails without scikit-learn

    mlflow.sklearn.autolog(
        disable=disable,
        silent=True,
        log_models=False,
        log_datasets=False,
        log_input_examples=False,
        log_post_training_metrics=False,
    )


def _write(run_id: str, record: TrainingRecord) -> None:
    client = mlflow.MlflowClient()
    tags = truncate_tags({**record.tags, NOTE: record.description})
    now = round(1000 * time.time())
    client.log_batch(
        run_id,
        metrics=[Metric(name, value, now, 0) for name, value in record.metrics.items()],
        params=[Param(name, value) for name, value in truncate_params(record.params).items()],
        tags=[RunTag(name, value) for name, value in tags.items()],
    )
    for path, text in record.files.items():
        client.log_text(run_id, text, str(PurePosixPath(path)))
