"""A sweep that is killed again and again loses nothing and does nothing twice."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest

from bench.journal.journal import Journal
from tests.commands import Run
from tests.forked import BENCH, Loaded
from tests.waiting import until

N_INSTANCES = 8
RUNS = """
    select r.run_uuid, r.status, k.value as kind, t.value as task from runs r
    join tags k on k.run_uuid = r.run_uuid and k.key = 'bench.kind'
    left join tags t on t.run_uuid = r.run_uuid and t.key = 'mlflow.bench.key'
    where r.lifecycle_stage = 'active'
"""


def solvers_alive(cwd: Path) -> list[psutil.Process]:
    """Return the processes that work in the folder."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.cwd() == str(cwd) and process.pid != os.getpid():
                found.append(process)
    return found


FAKE = ("--solver", "fake", "-p", "seconds=0.02", "-p", "behaviour=sleep", "-p")
SCIP = ("--node-limit", "1", "-p")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("solver", "n_settings", "n_kills"),
    [
        pytest.param((*FAKE, "code=1:5:1"), 5, 4, id="fake"),
        pytest.param((*FAKE, "code=1:25:1"), 25, 20, id="fake-often", marks=pytest.mark.soak),
        pytest.param(
            *((*SCIP, "separating/maxrounds=0:24:1"), 25, 20),
            id="scip-often",
            marks=pytest.mark.soak,
        ),
    ],
)
def test_each_result_is_there_once_whatever_is_killed(
    tmp_path: Path,
    knapsack: Path,
    solver: tuple[str, ...],
    n_settings: int,
    n_kills: int,
    own_temp: dict[str, str],
    loaded: Loaded,
    bench: Run,
) -> None:
    """0 lost, 0 twice, in the journal and in MLflow; no run left RUNNING, no process alive."""
    models = tmp_path / "models"
    models.mkdir()
    for i in range(N_INSTANCES):
        (models / f"m{i}.mps").write_text(knapsack.read_text())
    moments = random.Random(7)
    sweep = ("sweep", str(models), "--name", "killed", "-j", "2", *solver)
    n_tasks = N_INSTANCES * n_settings
    kills = 0
    for _ in range(n_kills):
        process = loaded.start(BENCH, *sweep, cwd=tmp_path, env=own_temp)
        time.sleep(moments.uniform(0.3, 0.16 * n_settings))
        kills += process.poll() is None
        process.kill()
        process.wait()
    bench(*sweep)
    assert kills >= n_kills // 4
    results = list(Journal(tmp_path / "bench-work" / "killed").results())
    assert len(results) == len({result.task.key for result in results}) == n_tasks
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as connection:
        rows = connection.execute(RUNS).fetchall()
    tasks = [(status, key) for _, status, kind, key in rows if kind == "task"]
    assert Counter(status for status, _ in tasks) == {"FINISHED": n_tasks}
    assert {key for _, key in tasks} == {result.task.key for result in results}
    settings = Counter(status for _, status, kind, _ in rows if kind == "setting")
    assert settings == {"FINISHED": n_settings}
    until(lambda: not solvers_alive(tmp_path))
