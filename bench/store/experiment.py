"""Which experiment of a store is meant: by name, by id, or as it was used before."""

from __future__ import annotations

from dataclasses import dataclass

from bench.errors import TrackingError

DEFAULT_EXPERIMENT = "Default"


class ExperimentError(TrackingError):
    """The experiment that was asked for cannot be used: deleted, unknown, or contradictory."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class KnownExperiment:
    """An experiment that records went to: its id, and its creation in ms since the epoch.

    A database that is made anew gives the same ids to other experiments; their creation differs.
    """

    experiment_id: str
    created_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentRequest:
    """The experiment that is asked for.

    ``name`` was given as such, ``experiment_id`` by MLFLOW_EXPERIMENT_ID; both have to agree, and
    neither means MLflow's default experiment. ``used_before`` is where the same request has led
    earlier: that experiment counts, whatever its name is by now.
    """

    name: str | None = None
    experiment_id: str | None = None
    used_before: KnownExperiment | None = None

    @property
    def label(self) -> str:
        """The name or else the id that was asked for."""
        return self.name or self.experiment_id or DEFAULT_EXPERIMENT


NOTHING_ASKED = ExperimentRequest()
"""Leads to MLflow's default experiment."""


def deleted_message(name: str, experiment_id: str) -> str:
    """Return that an experiment was deleted, and what can be done about it."""
    return (
        f"experiment {name!r} was deleted; choose another name or restore it with "
        f"`mlflow experiments restore --experiment-id {experiment_id}`"
    )


def contradiction_message(asked: ExperimentRequest, name: str) -> str:
    """Return that the experiment of an id has another name than was asked for."""
    return (
        f"MLFLOW_EXPERIMENT_ID={asked.experiment_id} is experiment {name!r}, but the experiment "
        f"name is {asked.name!r}; leave out one of them"
    )
