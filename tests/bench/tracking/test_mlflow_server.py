"""A courier and a real MLflow server, which is not always there."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from mlflow import MlflowClient

from bench.journal.journal import Journal
from bench.tracking.background_sync import BackgroundSync, mlflow_connection
from bench.tracking.run_metrics import NoMetrics

pytestmark = pytest.mark.slow

MakeCampaign = Callable[..., Path]


class Server:
    """A server that keeps artifacts itself, and can be stopped and started again."""

    def __init__(self, store: str, folder: Path) -> None:
        """Choose a free port."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = str(free.getsockname()[1])
        self.uri = f"http://127.0.0.1:{self._port}"
        self._folder = folder
        self._command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", store]
        self._command += ["--artifacts-destination", str(folder / "kept"), "--workers", "1"]
        self._command += ["--host", "127.0.0.1", "--port", self._port]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it if it is not running, and wait until it answers."""
        if self._process is not None:
            return
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, cwd=self._folder, start_new_session=True
            )
        for _ in range(600):
            with suppress(OSError), urllib.request.urlopen(f"{self.uri}/health", timeout=5):  # noqa: S310 - our own server
                return
            time.sleep(0.1)
        pytest.fail(f"{self.uri} did not come up")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it, if it is running."""
        if self._process is not None:
            os.killpg(self._process.pid, number)
            self._process.wait(30)
            self._process = None


@pytest.fixture(scope="module")
def _server(mlflow_uri: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server that nobody has started yet, and end it with the module."""
    server = Server(mlflow_uri, tmp_path_factory.mktemp("server"))
    yield server
    server.stop()


@pytest.fixture
def server(_server: Server) -> Server:
    """Return a running server, whatever another test has done to it."""
    _server.start()
    return _server


def _kinds(client: MlflowClient, experiment: str) -> Counter[tuple[str, str]]:
    found = client.get_experiment_by_name(experiment)
    assert found is not None
    runs = client.search_runs([found.experiment_id])
    return Counter((run.data.tags["bench.kind"], run.info.status) for run in runs)


ALL = {("task", "FINISHED"): 6, ("setting", "FINISHED"): 2, ("sweep", "FINISHED"): 1}


def test_a_campaign_reaches_a_server(
    server: Server, make_campaign: MakeCampaign, capsys: pytest.CaptureFixture[str]
) -> None:
    """Runs, dataset and artifacts arrive over HTTP, and nothing is printed on the way."""
    background_sync = BackgroundSync(
        make_campaign(), mlflow_connection(server.uri, "http"), NoMetrics()
    )
    assert (background_sync.close(), background_sync.failures) == (0, ())
    client = MlflowClient(server.uri)
    assert _kinds(client, "http") == ALL
    setting = client.get_run(background_sync.record_ids["a"])
    assert setting.inputs is not None
    assert setting.inputs.dataset_inputs[0].dataset.name == "visible"
    files = [file.path for file in client.list_artifacts(setting.info.run_id)]
    assert files == ["results.parquet"]
    assert capsys.readouterr().out == ""


def test_a_server_killed_in_the_middle_gets_everything_when_it_is_back(
    server: Server, make_campaign: MakeCampaign
) -> None:
    """The campaign goes on meanwhile; nothing is there twice."""
    folder = make_campaign(n_results=0)
    results = list(Journal(make_campaign("same")).results())
    heard: list[str] = []
    with Journal(folder) as journal:
        background_sync = BackgroundSync(
            folder,
            mlflow_connection(server.uri, "comes and goes"),
            NoMetrics(),
            on_failure=heard.append,
            on_recovery=lambda: heard.append("back"),
        )
        for number, result in enumerate(results):
            journal.add(result)
            background_sync.notify()
            if number == 2:
                _until(lambda: background_sync.n_waiting == 1)
                server.stop(signal.SIGKILL)
        _until(lambda: bool(heard))
        server.start()
        _until(lambda: heard[-1] == "back")
        assert background_sync.close() == 0
    assert "the server does not answer" in heard[0]
    assert _kinds(MlflowClient(server.uri), "comes and goes") == ALL


def test_a_server_that_is_down_at_the_end_is_given_up_with_a_number(
    server: Server, make_campaign: MakeCampaign
) -> None:
    """Six results and the end of the campaign are left for `bench sync`."""
    server.stop()
    background_sync = BackgroundSync(
        make_campaign(), mlflow_connection(server.uri, "late"), NoMetrics()
    )
    assert background_sync.close() == 7
    assert "the server does not answer" in background_sync.failures[0]


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)
