"""The store and the writer against a real MLflow server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from mlflow import MlflowClient

from bench.model.result import Result
from bench.tracking.instance_set import InstanceSet
from bench.tracking.record import setting_record, task_record
from bench.tracking.writer import Writer, mlflow_connection

pytestmark = pytest.mark.slow


@pytest.fixture
def server(mlflow_uri: str, tmp_path: Path) -> Iterator[str]:
    """Return the address of a server that keeps artifacts itself."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", mlflow_uri]
    command += ["--artifacts-destination", str(tmp_path / "kept"), "--workers", "1"]
    command += ["--host", "127.0.0.1", "--port", port]
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, cwd=tmp_path, start_new_session=True
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/health")
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def _wait_for(address: str) -> None:
    for _ in range(600):
        with suppress(OSError), urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own server
            return
        time.sleep(0.1)
    pytest.fail(f"{address} did not come up")


def test_a_setting_with_its_task_reaches_a_server(
    server: str, result: Result, capsys: pytest.CaptureFixture[str]
) -> None:
    """Runs, dataset and artifacts arrive over HTTP, and nothing is printed on the way."""
    instances = InstanceSet.of("visible", [result.task.instance])
    record = setting_record(
        result.task.setting, [result.task], instance_set=instances, started_ms=1_600_000_000_000
    )
    writer = Writer(mlflow_connection(server, "over http"))
    run = writer.open_setting(record, instances)
    writer.add_task(task_record(result), run)
    writer.close_setting(run, record)
    assert (writer.close(60), writer.failures) == (0, ())
    client = MlflowClient(server)
    experiment = client.get_experiment_by_name("over http")
    assert experiment is not None
    task, setting = client.search_runs(
        [experiment.experiment_id], order_by=["attributes.start_time DESC"]
    )
    assert task.data.tags["mlflow.parentRunId"] == setting.info.run_id == run.run_id
    assert setting.inputs is not None
    assert setting.inputs.dataset_inputs[0].dataset.name == "visible"
    assert [file.path for file in client.list_artifacts(task.info.run_id)] == ["solver.log"]
    assert capsys.readouterr().out == ""
