"""Register two models, let the alias ``best`` name the better one, and find it again."""

from __future__ import annotations

from collections.abc import Sequence

import diabetes
import example_store
import mlflow
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion

MODEL = "diabetes"
ALIAS = "best"
APPROVED = f"name = '{MODEL}' and tags.`validation-status` = 'approved'"


def register_two() -> list[ModelVersion]:
    """Return two new versions, a random forest and an SVR, with their tags."""
    return [
        diabetes.record(estimator, MODEL, {"model_type": "sklearn"})
        for estimator in (diabetes.forest(), diabetes.svr())
    ]


def choose(versions: Sequence[ModelVersion]) -> None:
    """Approve the version with the smallest error, reject the others, and move the alias."""
    client = MlflowClient()
    best = min(versions, key=error)
    for version in versions:
        status = "approved" if version is best else "rejected"
        client.set_model_version_tag(MODEL, version.version, "validation-status", status)
    client.set_registered_model_alias(MODEL, ALIAS, best.version)


def error(version: ModelVersion) -> float:
    """Return the error of a version on the test data, as its run has it."""
    value: float = MlflowClient().get_run(str(version.run_id)).data.metrics["test_rmse"]
    return value


def main(argv: Sequence[str] | None = None) -> None:
    """Register, choose and find in the store of the command line."""
    chosen = example_store.parser(__doc__).parse_args(argv)
    example_store.use_store(chosen.tracking_uri, chosen.experiment)
    choose(register_two())
    client = MlflowClient()
    best = client.get_model_version_by_alias(name=MODEL, alias=ALIAS)
    print(f"{MODEL}@{ALIAS} is version {best.version}, error {error(best):.4g}, tags {best.tags}")
    approved = [version.version for version in client.search_model_versions(APPROVED)]
    print(f"approved versions: {', '.join(map(str, approved))}")
    model = mlflow.pyfunc.load_model(f"models:/{MODEL}@{ALIAS}")
    patients = diabetes.load_data().x_test.head(2)
    print(f"predictions for two patients: {model.predict(patients).round(1).tolist()}")


if __name__ == "__main__":
    example_store.ended(main)
