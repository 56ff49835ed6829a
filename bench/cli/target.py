"""Where results are recorded."""

from __future__ import annotations

import os
from dataclasses import dataclass

from bench.tracking.uri import mask, resolve_uri


@dataclass(frozen=True, slots=True)
class Target:
    """An MLflow store, and in it an experiment or a run."""

    uri: str
    experiment: str | None
    run_id: str | None = None

    @property
    def where_to_look(self) -> str:
        """The one line that says where the results can be seen."""
        if self.uri.startswith("http"):
            return f"See the results: {mask(self.uri)}"
        return f"See the results: mlflow server --backend-store-uri {mask(self.uri)}"


def target(uri: str | None, experiment: str | None) -> Target:
    """Return where to record; a run made by ``mlflow run`` is taken over.

    MLFLOW_RUN_ID is removed from the environment, so that no process of a task sees it.
    """
    return Target(resolve_uri(uri), experiment, os.environ.pop("MLFLOW_RUN_ID", None))
