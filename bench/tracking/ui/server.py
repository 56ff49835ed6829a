"""An MLflow server for viewing a store on this machine, for the duration of a command."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from importlib.metadata import entry_points
from pathlib import Path
from typing import IO

from bench.errors import TrackingError
from bench.store.uri import mask, sqlite_path

HOST = "127.0.0.1"
APP = "bench"
APP_VALUE = "bench.tracking.ui.training_app:app"
"""The entry point of our wrapper."""

_START_TIMEOUT_S = 300.0
_STOP_TIMEOUT_S = 5.0
_POLL_S = 0.1


class Server:
    """A running server; its processes are a group of their own."""

    def __init__(self, process: subprocess.Popen[bytes], address: str, log: IO[bytes]) -> None:
        """Take a process that will answer at an address; its output is in the log."""
        self.address = address
        self._process = process
        self._log = log

    def wait_until_ready(self, timeout_s: float = _START_TIMEOUT_S) -> None:
        """Return when it answers; TrackingError if it ends before, or takes too long."""
        end = time.monotonic() + timeout_s
        while not self._answers():
            if self._process.poll() is not None:
                raise TrackingError(f"the MLflow server does not start: {self._last_words()}")
            if time.monotonic() > end:
                raise TrackingError(f"the MLflow server does not answer within {timeout_s:.0f} s")
            time.sleep(_POLL_S)

    def wait(self) -> None:
        """Wait until it ends; this is an error: TrackingError."""
        self._process.wait()
        raise TrackingError(f"the MLflow server has ended: {self._last_words()}")

    def stop(self) -> None:
        """End it with all its processes; kill those that do not end."""
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_TIMEOUT_S)
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _answers(self) -> bool:
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                f"{self.address}/health", timeout=1
            ):
                return True
        except OSError:
            return False

    def _last_words(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").splitlines()
        said = [line.strip() for line in lines if line.strip()]
        return mask(said[-1])[:300] if said else "it printed nothing"


@contextmanager
def serving(uri: str, port: int) -> Iterator[Server]:
    """Start a server on a database, and stop it at the end of the context.

    Port 0 chooses a free one. Raise TrackingError if the port is taken.
    """
    port = _free_port(port)
    command = [sys.executable, "-m", "mlflow", "server", "--host", HOST, "--port", str(port)]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [*command, "--workers", "1", "--artifacts-destination", _artifacts(uri), *_app()],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=_environment(uri, os.environ),
            start_new_session=True,
        )
        server = Server(process, f"http://{HOST}:{port}", log)
        try:
            yield server
        finally:
            server.stop()


def _app() -> list[str]:
    """Return the options for our wrapper of MLflow's pages, none if it is not installed.

    An installation of an older version of bench does not have it.
    """
    known = {one.name: one.value for one in entry_points(group="mlflow.app")}
    return ["--app-name", APP] if known.get(APP) == APP_VALUE else []


def _environment(uri: str, given: Mapping[str, str]) -> dict[str, str]:
    """Return the server's environment, which contains the URI because it may include a password."""
    quiet = {} if "DO_NOT_TRACK" in given else {"MLFLOW_DISABLE_TELEMETRY": "true"}
    own = {"MLFLOW_BACKEND_STORE_URI": uri}
    defaults = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    kept = {name: value for name, value in given.items() if name != "MLFLOW_TRACKING_URI"}
    return quiet | defaults | kept | own


def _artifacts(uri: str) -> str:
    """Return the folder for files that clients send to the server: next to the database."""
    database = sqlite_path(uri)
    return str((database.parent if database else Path.cwd()) / "mlartifacts")


def _free_port(port: int) -> int:
    for candidate in range(port, port + 100):
        with closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, candidate))
            except (OSError, OverflowError):
                continue
            if candidate == port:
                return int(probe.getsockname()[1])
            raise TrackingError(f"port {port} is in use; try --port {candidate}")
    raise TrackingError(f"port {port} is in use, and so are the next ones; try --port 0")
