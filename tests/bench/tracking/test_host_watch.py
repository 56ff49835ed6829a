"""Watching the host."""

from __future__ import annotations

import threading

from mlflow import MlflowClient

from bench.tracking.host_watch import HostWatch
from bench.tracking.mlflow_store import MlflowStore
from tests.waiting import PATIENCE_S


def test_it_logs_again_and_again_until_it_is_stopped() -> None:
    """One step after the other; errors cost a point each."""
    steps: list[int] = []
    enough = threading.Event()

    def log(_: int, step: int) -> None:
        if step == 1:
            raise OSError("the server is away")
        steps.append(step)
        if step == 3:
            enough.set()

    watch = HostWatch(log, 0.001)
    assert enough.wait(PATIENCE_S)
    watch.stop()
    seen = len(steps)
    assert steps[:3] == [0, 2, 3]
    assert len(steps) == seen


def test_the_systems_metrics_are_on_every_run(store: MlflowStore, mlflow_uri: str) -> None:
    """Also for a campaign shorter than MLflow's own interval."""
    client = MlflowClient(mlflow_uri)
    run_ids = [client.create_run(store.experiment_id).info.run_id for _ in range(2)]
    store.watch_host(run_ids)()
    for run_id in run_ids:
        assert "system/cpu_utilization_percentage" in client.get_run(run_id).data.metrics
