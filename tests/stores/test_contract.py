"""The same sweep against every store; the address is the only difference."""

from __future__ import annotations

import re
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from bench.journal.journal import Journal
from bench.store.run_keys import KEY
from tests.forked import BENCH, Loaded
from tests.stores.conftest import SERVERS, Store, kinds
from tests.waiting import until

pytestmark = pytest.mark.slow

Bench = Callable[..., Any]


@pytest.fixture
def sweep(tmp_path: Path, knapsack: Path) -> tuple[str, ...]:
    """Return a sweep whose tasks take no time; files of its work stay with the test."""
    (tmp_path / "models").mkdir()
    knapsack.rename(tmp_path / "models" / "one.mps")
    return ("sweep", "models", "--solver", "fake", "--jobs", "1", "--seeds", "2")


@pytest.fixture
def environment(store: Store, request: pytest.FixtureRequest) -> dict[str, str]:
    """Return where results go: the store of the test, an experiment named like the test."""
    name = re.sub(r"\W+", "-", request.node.name.split("[")[0])
    return {"MLFLOW_TRACKING_URI": store.uri, "MLFLOW_EXPERIMENT_NAME": name, **store.environment}


def test_a_sweep_is_recorded_and_continued(
    bench: Bench, sweep: tuple[str, ...], environment: dict[str, str], tmp_path: Path
) -> None:
    """The second command executes only what is new; every run is there once, files included."""
    bench(*sweep, "--name", "mine", "-p", "seconds=1,2", env=environment)
    done = bench(*sweep, "--name", "mine", "-p", "seconds=1,2,3", env=environment)
    assert "mine: 2 of 6 tasks are left to do" in done.err
    with _client(environment) as client:
        runs = _runs(client, environment)
        assert _kinds(runs) == {"sweep": 1, "setting": 3, "task": 6}
        assert {run.info.status for run in runs} == {"FINISHED"}
        setting = next(run for run in runs if run.data.tags["bench.kind"] == "setting")
        file = client.download_artifacts(setting.info.run_id, "results.parquet", str(tmp_path))
        assert len(pd.read_parquet(file)) == 2
        task = next(run for run in runs if run.data.tags["bench.kind"] == "task")
        assert client.list_artifacts(task.info.run_id)


@pytest.mark.parametrize("store", kinds(soak=("compose",)), indirect=True)
@pytest.mark.parametrize("n", [3, pytest.param(8, marks=pytest.mark.soak)])
def test_sweeps_at_once_lose_nothing(
    tmp_path: Path,
    sweep: tuple[str, ...],
    environment: dict[str, str],
    own_temp: dict[str, str],
    loaded: Loaded,
    n: int,
) -> None:
    """Each has all its runs, and none of another's; the first use of the store is among it."""
    arguments = (*sweep, "-p", "seconds=1,2", "--oversubscribe", "--name")
    sweeps = [
        loaded.start(BENCH, *arguments, f"many{number}", cwd=tmp_path, env=environment | own_temp)
        for number in range(n)
    ]
    for one in sweeps:
        _, err = one.communicate(timeout=250)
        assert one.returncode == 0, err
    with _client(environment) as client:
        runs = _runs(client, environment)
    assert _kinds(runs) == {"sweep": n, "setting": 2 * n, "task": 4 * n}
    each = Counter(run.data.tags["bench.campaign"] for run in runs)
    assert set(each.values()) == {7}


@pytest.mark.parametrize("store", kinds(soak=("compose",)), indirect=True)
def test_a_store_that_dies_gets_everything_later(
    store: Store,
    bench: Bench,
    sweep: tuple[str, ...],
    environment: dict[str, str],
    loaded: Loaded,
    tmp_path: Path,
) -> None:
    """A sweep that goes on delivers when it is back, one that has ended by `bench sync`."""
    if store.stop is None or store.start is None:
        pytest.skip("a file does not die")
    forever = ("--name", "long", "-p", "behaviour=sleep", "-p", "seconds=1", "--seeds", "200")
    long = loaded.start(BENCH, *sweep[:-2], *forever, cwd=tmp_path, env=environment)
    try:
        with _client(environment) as client:
            until(lambda: _kinds(_runs(client, environment))["task"] > 0)
        store.stop()
        try:
            done = bench(*sweep, "--name", "short", "-p", "seconds=1,2", env=environment, code=1)
        finally:
            store.start()
        long.send_signal(signal.SIGINT)
        _, err = long.communicate(timeout=200)
    finally:
        long.kill()
    assert (long.returncode, "not recorded in MLflow" in err) == (130, True), err
    assert "the server does not answer" in done.err
    assert f"bench sync {tmp_path}/bench-work/short" in done.err
    (synced,) = bench("sync", "short", "--json", env=environment).json
    assert (synced["new"], synced["already"]) == (4, 0)
    with _client(environment) as client:
        keys = [
            run.data.tags[KEY]
            for run in _runs(client, environment)
            if run.data.tags["bench.kind"] == "task" and run.info.status == "FINISHED"
        ]
    work = tmp_path / "bench-work"
    done_keys = [r.task.key for name in ("long", "short") for r in Journal(work / name).results()]
    assert Counter(keys) == Counter(done_keys)


@contextmanager
def _client(environment: dict[str, str]) -> Iterator[MlflowClient]:
    """Give a client that has in its environment what a user would have."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        yield MlflowClient(environment["MLFLOW_TRACKING_URI"])


def _runs(client: MlflowClient, environment: dict[str, str]) -> list[Run]:
    found = client.get_experiment_by_name(environment["MLFLOW_EXPERIMENT_NAME"])
    return list(client.search_runs([found.experiment_id])) if found else []


def _kinds(runs: list[Run]) -> Counter[str]:
    return Counter(run.data.tags["bench.kind"] for run in runs)


@pytest.mark.parametrize("store", [pytest.param("compose", marks=SERVERS)], indirect=True)
def test_a_wrong_password_is_one_line_and_nothing_is_lost(
    bench: Bench, knapsack: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """With the right one, here in `.env`, `bench sync` delivers."""
    right = environment.pop("MLFLOW_TRACKING_PASSWORD")
    wrong = {"MLFLOW_TRACKING_PASSWORD": "not-this-one"}
    done = bench("run", knapsack, "--solver", "fake", env=environment | wrong, code=1)
    line = done.err.strip().splitlines()[-1]
    assert "refuses the credentials; set MLFLOW_TRACKING_USERNAME" in line
    assert "bench sync" in line
    assert "not-this-one" not in done.err
    (tmp_path / ".env").write_text(f"MLFLOW_TRACKING_PASSWORD={right}\n")
    (synced,) = bench("sync", "--json", env=environment).json
    assert synced["new"] == 1
