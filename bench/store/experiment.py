"""The requested experiment of a store: by name, by id, or as it was used before."""

from __future__ import annotations

from dataclasses import dataclass

from bench.errors import TrackingError

DEFAULT_EXPERIMENT = "Default"


class ExperimentError(TrackingError):
    """The requested experiment cannot be used: deleted, unknown, or contradictory."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class KnownExperiment:
    """An experiment with records: its id, and its creation in ms since the epoch.

    A recreated database gives the same ids to other experiments; their creation differs.
    """

    experiment_id: str
    created_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentRequest:
    """The requested experiment.

    ``name`` was given by the user, ``experiment_id`` by MLFLOW_EXPERIMENT_ID; both have to agree,
    and without either it is MLflow's default experiment. ``used_before`` is the experiment of an
    earlier identical request: it counts, even if it was renamed.
    """

    name: str | None = None
    experiment_id: str | None = None
    used_before: KnownExperiment | None = None

    @property
    def label(self) -> str:
        """The requested name or id."""
        return self.name or self.experiment_id or DEFAULT_EXPERIMENT


NOTHING_ASKED = ExperimentRequest()
"""The request for MLflow's default experiment."""


def deleted_message(name: str, experiment_id: str) -> str:
    """Return a message that an experiment was deleted, with the next step."""
    return (
        f"experiment {name!r} was deleted; choose another name or restore it with "
        f"`mlflow experiments restore --experiment-id {experiment_id}`"
    )


def contradiction_message(asked: ExperimentRequest, name: str) -> str:
    """Return a message that the experiment of an id does not have the requested name."""
    return (
        f"MLFLOW_EXPERIMENT_ID={asked.experiment_id} is experiment {name!r}, but the experiment "
        f"name is {asked.name!r}; leave out one of them"
    )
