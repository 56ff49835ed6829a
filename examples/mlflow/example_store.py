"""The MLflow store of an example: its options on the command line, and how it is chosen."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

STORE = "sqlite:///mlruns.db"
EXPERIMENT = "diabetes"


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser that knows the two options of every example with a store."""
    known = argparse.ArgumentParser(description=description)
    known.add_argument("--tracking-uri", default=STORE, help="MLflow store [default: %(default)s]")
    known.add_argument("--experiment", default=EXPERIMENT, help="[default: %(default)s]")
    return known


def use_store(tracking_uri: str, experiment: str) -> str:
    """Record new runs in an experiment of a store, whatever ``mlflow run`` has set.

    Return the id of the experiment.
    """
    mlflow.set_tracking_uri(tracking_uri)
    for name in ("MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID"):
        os.environ.pop(name, None)
    return mlflow.set_experiment(experiment).experiment_id


def use_store_or_run(tracking_uri: str, experiment: str) -> None:
    """Record on the run that ``mlflow run`` has made where the store has it, else on a new one."""
    mlflow.set_tracking_uri(tracking_uri)
    run_id = os.environ.get("MLFLOW_RUN_ID")
    if run_id is None or not _has_run(run_id):
        use_store(tracking_uri, experiment)


def ended(main: Callable[[], None]) -> None:
    """Call ``main``; end with one line where MLflow refuses something."""
    try:
        main()
    except MlflowException as error:
        sys.exit(f"Error: {error.message}")


def _has_run(run_id: str) -> bool:
    try:
        MlflowClient().get_run(run_id)
    except MlflowException:
        return False
    return True
