"""The run that ``mlflow run`` made, where a command works on results and executes no task."""

from __future__ import annotations

import os
from dataclasses import dataclass

from bench.tracking.background_sync import mlflow_connection
from bench.tracking.records.record import Record


@dataclass(frozen=True, slots=True)
class AttachedRun:
    """A run in a store, waiting for what the command comes to."""

    uri: str | None
    run_id: str

    def fill(self, record: Record) -> None:
        """Write the record into the run; TrackingError where that is not possible."""
        store = mlflow_connection(self.uri, None, self.run_id)()
        store.close_setting(store.open_setting(record), record)


def attach_run(uri: str | None) -> AttachedRun | None:
    """Return the run that ``mlflow run`` made for this command, or None if a user typed it.

    MLFLOW_RUN_ID is removed from the environment, so that nobody else takes the run.
    """
    run_id = os.environ.pop("MLFLOW_RUN_ID", None)
    return AttachedRun(uri, run_id) if run_id else None
