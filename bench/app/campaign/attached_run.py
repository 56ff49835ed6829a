"""The run that ``mlflow run`` created, for commands that execute no task."""

from __future__ import annotations

import os
from dataclasses import dataclass

from bench.app.campaign.delivery import connect_to_mlflow
from bench.app.campaign.target import Target
from bench.report.listener import Listener
from bench.store.experiment import ExperimentRequest
from bench.store.uri import resolve_uri
from bench.tracking.patience import Patience, work_within
from bench.tracking.records.record import Record


@dataclass(frozen=True, slots=True)
class AttachedRun:
    """A run in a store, to be filled with the result of the command."""

    where: Target
    listener: Listener

    def fill(self, record: Record) -> None:
        """Write the record into the run, or into a new one if the run belongs to someone else.

        The listener is told the reason. Raise TrackingError if nothing can be written.
        """

        def write() -> None:
            store = connect_to_mlflow(self.where)
            if store.notice:
                self.listener.message(f"Warning: {store.notice}")
            store.close_setting(store.open_setting(record), record)

        work_within(Patience.with_server(self.where.uri, 1), write)


def attach_run(uri: str | None, listener: Listener) -> AttachedRun | None:
    """Return the run that ``mlflow run`` created for this command, None for a command of a user.

    MLFLOW_RUN_ID and MLFLOW_EXPERIMENT_ID are removed from the environment, so that no other code
    uses the run, or takes its experiment for one that the user chose.
    """
    run_id, experiment_id = leave_run()
    if run_id is None:
        return None
    experiment = ExperimentRequest(experiment_id=experiment_id)
    return AttachedRun(Target(resolve_uri(uri), experiment, run_id), listener)


def leave_run() -> tuple[str | None, str | None]:
    """Remove the run of ``mlflow run``, and its experiment, from the environment; return both."""
    run_id = os.environ.pop("MLFLOW_RUN_ID", None) or None
    return run_id, os.environ.pop("MLFLOW_EXPERIMENT_ID", None) if run_id else None
