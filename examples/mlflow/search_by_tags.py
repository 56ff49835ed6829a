"""Set tags on runs and on model versions, and find them by these tags."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import diabetes
import example_store
from mlflow import MlflowClient
from mlflow.entities import Run
from mlflow.entities.model_registry import ModelVersion
from sklearn.dummy import DummyRegressor

MODEL = "diabetes"
FILTER = 'tags.model_type = "sklearn"'
"""What is typed into the search box above the table of runs, too."""


def record_three() -> None:
    """Record two models with the tag ``model_type=sklearn``, and the mean with another one."""
    diabetes.record(diabetes.forest(), MODEL, {"model_type": "sklearn"})
    diabetes.record(diabetes.svr(), MODEL, {"model_type": "sklearn"})
    diabetes.record(DummyRegressor(), MODEL, {"model_type": "mean"})


def find_runs(experiment_id: str) -> list[Run]:
    """Return the runs of an experiment that have the tag, the best first."""
    best_first = ["metrics.test_rmse ASC"]
    return list(MlflowClient().search_runs([experiment_id], FILTER, order_by=best_first))


def find_versions() -> list[ModelVersion]:
    """Return the versions of the model that have the tag, the newest first."""
    wanted = f"name = '{MODEL}' and {FILTER}"
    return list(MlflowClient().search_model_versions(wanted, order_by=["version_number DESC"]))


def page(experiment_id: str) -> str:
    """Return the part of an address that shows the same runs in MLflow's UI."""
    return f"/#/experiments/{experiment_id}/runs?searchFilter={quote(FILTER)}"


def main(argv: Sequence[str] | None = None) -> None:
    """Record, tag and search in the store of the command line."""
    chosen = example_store.parser(__doc__).parse_args(argv)
    experiment_id = example_store.use_store(chosen.tracking_uri, chosen.experiment)
    record_three()
    print(f"runs with {FILTER}")
    for run in find_runs(experiment_id):
        print(f"  {run.info.run_id}  {run.info.run_name}")
    print(f"versions of {MODEL} with {FILTER}")
    for version in find_versions():
        print(f"  {version.version}  of run {version.run_id}")
    print(f"in the UI: {page(experiment_id)}")


if __name__ == "__main__":
    example_store.ended(main)
