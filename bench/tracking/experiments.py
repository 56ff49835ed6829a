"""Find the requested experiment in MLflow, or the reason why it cannot be used.

It imports mlflow: import it where it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow.exceptions import MlflowException

from bench.store.experiment import (
    DEFAULT_EXPERIMENT,
    ExperimentError,
    ExperimentRequest,
    contradiction_message,
    deleted_message,
)

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Experiment

UNKNOWN = frozenset({"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"})
"""MLflow's error codes for unknown ids."""

_DEFAULT_ID = "0"
_SHOWN = 10


def find_experiment(client: MlflowClient, request: ExperimentRequest) -> Experiment | None:
    """Return the requested experiment, or None if none has the name.

    Raise ExperimentError if it was deleted, if the id is unknown, or if id and name contradict each
    other.
    """
    return _active(_used_before(client, request) or _asked_for(client, request))


def experiment_names(client: MlflowClient) -> str:
    """Return the experiments of a store with their ids in one line, only some if there are many."""
    known = client.search_experiments(max_results=_SHOWN + 1)
    names = [f"{each.name!r} (id {each.experiment_id})" for each in known[:_SHOWN]]
    return ", ".join([*names, *["..."] * (len(known) > _SHOWN)]) or "none"


def _used_before(client: MlflowClient, request: ExperimentRequest) -> Experiment | None:
    known = request.used_before
    if known is None:
        return None
    found = _by_id(client, known.experiment_id)
    return found if found is not None and found.creation_time == known.created_ms else None


def _asked_for(client: MlflowClient, request: ExperimentRequest) -> Experiment | None:
    if request.experiment_id is None:
        found = client.get_experiment_by_name(request.name or DEFAULT_EXPERIMENT)
        if found is None and request.name is None:
            found = _by_id(client, _DEFAULT_ID)
        return found
    found = _by_id(client, request.experiment_id)
    if found is None:
        raise ExperimentError(
            f"MLFLOW_EXPERIMENT_ID={request.experiment_id}: no experiment has this id; correct it, "
            f"or name an experiment instead; there are: {experiment_names(client)}"
        )
    if request.name not in {None, found.name}:
        raise ExperimentError(contradiction_message(request, str(found.name)))
    return found


def _by_id(client: MlflowClient, experiment_id: str) -> Experiment | None:
    try:
        return client.get_experiment(experiment_id)
    except (MlflowException, ValueError) as error:
        if isinstance(error, MlflowException) and error.error_code not in UNKNOWN:
            raise
        return None


def _active(found: Experiment | None) -> Experiment | None:
    if found is not None and found.lifecycle_stage != "active":
        raise ExperimentError(deleted_message(str(found.name), str(found.experiment_id)))
    return found
