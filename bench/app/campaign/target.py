"""Where results are recorded."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from bench.store.experiment import NOTHING_ASKED, ExperimentRequest
from bench.store.uri import is_server, mask, resolve_uri, sqlite_path, without_credentials


@dataclass(frozen=True, slots=True)
class Target:
    """An MLflow store, and in it an experiment or a run."""

    uri: str
    experiment: ExperimentRequest = NOTHING_ASKED
    run_id: str | None = None

    def where_to_look(self, experiment_id: str | None) -> str:
        """Return one line with the store of the results and how to view them."""
        if is_server(self.uri):
            from bench.tracking.ui.views import link  # noqa: PLC0415 - only for servers

            return f"See the results: {link(without_credentials(self.uri), experiment_id)}"
        return f"See the results in {_name(self.uri)}: {_command(self.uri)}"


def _name(uri: str) -> str:
    """Return the file of a SQLite database (relative if below this folder), or the address."""
    database = sqlite_path(uri)
    if database is None:
        return mask(uri)
    here = Path.cwd()
    return str(database.relative_to(here) if database.is_relative_to(here) else database)


def _command(uri: str) -> str:
    """Return the command that starts a server on the store."""
    usual = os.environ.get("BENCH_TRACKING_URI") or os.environ.get("MLFLOW_TRACKING_URI")
    if uri == resolve_uri(usual):
        return "bench ui"
    return f"bench ui --tracking-uri {shlex.quote(mask(uri))}"
