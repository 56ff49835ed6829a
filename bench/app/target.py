"""Where results are recorded."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass

from bench.store.uri import is_server, mask, resolve_uri, without_credentials
from bench.tracking.ui.views import link


@dataclass(frozen=True, slots=True)
class Target:
    """An MLflow store, and in it an experiment or a run."""

    uri: str
    experiment: str | None
    run_id: str | None = None

    def where_to_look(self, experiment_id: str | None) -> str:
        """Return the one line that says where the results can be seen."""
        return f"See the results: {_way_to(self.uri, experiment_id)}"


def _way_to(uri: str, experiment_id: str | None) -> str:
    """Return an address, or the command that starts a server on the store."""
    if is_server(uri):
        return link(without_credentials(uri), experiment_id)
    usual = os.environ.get("BENCH_TRACKING_URI") or os.environ.get("MLFLOW_TRACKING_URI")
    if uri == resolve_uri(usual):
        return "bench ui"
    return f"bench ui --tracking-uri {shlex.quote(mask(uri))}"
