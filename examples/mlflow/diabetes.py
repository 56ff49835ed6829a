"""The data and the models of the examples: how far diabetes has progressed after a year."""

from __future__ import annotations

from typing import NamedTuple

import mlflow
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from sklearn.base import RegressorMixin
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.svm import SVR

SEED = 0


class Data(NamedTuple):
    """Ten measures of a patient, and the progression, for training and for the test."""

    x_train: pd.DataFrame
    x_test: pd.DataFrame
    y_train: pd.Series[float]
    y_test: pd.Series[float]


def load_data() -> Data:
    """Return the 442 patients of scikit-learn's diabetes data; a quarter is for the test."""
    x, y = load_diabetes(return_X_y=True, as_frame=True)
    return Data(*train_test_split(x, y, random_state=SEED))


def forest(n_estimators: int = 100, max_depth: int = 6, max_features: int = 3) -> RegressorMixin:
    """Return a random forest that is not fitted."""
    return RandomForestRegressor(
        n_estimators=n_estimators,
        max_depth=max_depth,
        max_features=max_features,
        random_state=SEED,
    )


def svr() -> RegressorMixin:
    """Return a support vector regression that is not fitted."""
    return SVR(kernel="linear", C=100)


def record(estimator: RegressorMixin, name: str, tags: dict[str, str]) -> ModelVersion:
    """Fit a model in a run of its own, and register it; run and version have the tags.

    The requirements are given because MLflow would load the model in another process to find them.
    cloudpickle is named because skops, the default of newer MLflow, refuses a random forest's
    trees unless they are declared as trusted.
    """
    data = load_data()
    with mlflow.start_run(run_name=type(estimator).__name__, tags=tags):
        estimator.fit(data.x_train, data.y_train)
        mlflow.log_params(estimator.get_params())
        predicted = estimator.predict(data.x_test)
        mlflow.log_metric("test_rmse", root_mean_squared_error(data.y_test, predicted))
        logged = mlflow.sklearn.log_model(
            estimator,
            name="model",
            registered_model_name=name,
            input_example=data.x_test.head(3),
            pip_requirements=mlflow.sklearn.get_default_pip_requirements(include_cloudpickle=True),
            serialization_format="cloudpickle",
        )
    client = MlflowClient()
    version = str(logged.registered_model_version)
    for key, value in tags.items():
        client.set_model_version_tag(name, version, key, value)
    return client.get_model_version(name, version)
