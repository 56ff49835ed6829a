"""A courier and a real MLflow server, which is not always there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mlflow import MlflowClient

from bench.journal.journal import Journal
from bench.journal.table import TABLE
from bench.tracking.background_sync import BackgroundSync, mlflow_connection
from bench.tracking.records.details import ENVIRONMENT
from bench.tracking.run_metrics import NoMetrics
from tests.forked import Loaded
from tests.mlflow_server import MlflowServer
from tests.waiting import until

pytestmark = pytest.mark.slow

MakeCampaign = Callable[..., Path]


@pytest.fixture(scope="module")
def _server(
    mlflow_uri: str, tmp_path_factory: pytest.TempPathFactory, loaded: Loaded
) -> Iterator[MlflowServer]:
    """Return a server that keeps artifacts itself, and end it with the module."""
    folder = tmp_path_factory.mktemp("server")
    kept = ("--artifacts-destination", str(folder / "kept"))
    server = MlflowServer(loaded, folder, ("--backend-store-uri", mlflow_uri, *kept))
    yield server
    server.stop()


@pytest.fixture
def server(_server: MlflowServer) -> MlflowServer:
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
    server: MlflowServer, make_campaign: MakeCampaign, capsys: pytest.CaptureFixture[str]
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
    assert files == [ENVIRONMENT, TABLE]
    assert capsys.readouterr().out == ""


def test_a_server_killed_in_the_middle_gets_everything_when_it_is_back(
    server: MlflowServer, make_campaign: MakeCampaign
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
                until(lambda: background_sync.n_waiting == 1)
                server.kill()
        until(lambda: bool(heard))
        server.start()
        until(lambda: heard[-1] == "back")
        assert background_sync.close() == 0
    assert "the server does not answer" in heard[0]
    assert _kinds(MlflowClient(server.uri), "comes and goes") == ALL


def test_a_server_that_is_down_at_the_end_is_given_up_with_a_number(
    server: MlflowServer, make_campaign: MakeCampaign
) -> None:
    """Six results and the end of the campaign are left for `bench sync`."""
    server.stop()
    background_sync = BackgroundSync(
        make_campaign(), mlflow_connection(server.uri, "late"), NoMetrics()
    )
    assert background_sync.close() == 7
    assert "the server does not answer" in background_sync.failures[0]
