"""A sweep that is killed again and again loses nothing and does nothing twice."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest

from bench.journal.journal import Journal

N_TASKS = 200
RUNS = """
    select r.run_uuid, r.status, k.value as kind, t.value as task from runs r
    join tags k on k.run_uuid = r.run_uuid and k.key = 'bench.kind'
    left join tags t on t.run_uuid = r.run_uuid and t.key = 'mlflow.bench.key'
    where r.lifecycle_stage = 'active'
"""


def command(folder: Path, solver: tuple[str, ...]) -> list[str]:
    """Return the command of the sweep: 200 tasks."""
    return [
        *(sys.executable, "-m", "bench", "sweep", str(folder), "--name", "killed", "-j", "2"),
        *solver,
    ]


def kill_after(arguments: list[str], cwd: Path, env: dict[str, str], seconds: float) -> bool:
    """Start the sweep, kill it after so many seconds, and say whether it still went on."""
    process = subprocess.Popen(
        arguments, cwd=cwd, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
        return False
    process.send_signal(signal.SIGKILL)
    process.wait()
    return True


def solvers_alive(cwd: Path) -> list[psutil.Process]:
    """Return the processes that work in the folder."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.cwd() == str(cwd) and process.pid != os.getpid():
                found.append(process)
    return found


FAKE = ("--solver", "fake", "-p", "code=1:25:1", "-p", "seconds=0.02", "-p", "behaviour=sleep")
SCIP = ("-p", "separating/maxrounds=0:24:1", "--node-limit", "1")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("solver", "n_kills"),
    [
        pytest.param(FAKE, 4, id="fake"),
        pytest.param(FAKE, 20, id="fake-often", marks=pytest.mark.soak),
        pytest.param(SCIP, 20, id="scip-often", marks=pytest.mark.soak),
    ],
)
def test_two_hundred_results_whatever_is_killed(
    tmp_path: Path,
    knapsack: Path,
    solver: tuple[str, ...],
    n_kills: int,
    own_temp: dict[str, str],
) -> None:
    """0 lost, 0 twice, in the journal and in MLflow; no run left RUNNING, no process alive."""
    models = tmp_path / "models"
    models.mkdir()
    for i in range(8):
        (models / f"m{i}.mps").write_text(knapsack.read_text())
    moments = random.Random(7)
    arguments = command(models, solver)
    env = os.environ | own_temp
    kills = sum(
        kill_after(arguments, tmp_path, env, moments.uniform(0.3, 4.0)) for _ in range(n_kills)
    )
    done = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert kills >= n_kills // 4
    results = list(Journal(tmp_path / "bench-work" / "killed").results())
    assert len(results) == len({result.task.key for result in results}) == N_TASKS
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as connection:
        rows = connection.execute(RUNS).fetchall()
    tasks = [(status, key) for _, status, kind, key in rows if kind == "task"]
    assert Counter(status for status, _ in tasks) == {"FINISHED": N_TASKS}
    assert {key for _, key in tasks} == {result.task.key for result in results}
    assert Counter(status for _, status, kind, _ in rows if kind == "setting") == {"FINISHED": 25}
    end = time.monotonic() + 10
    while solvers_alive(tmp_path) and time.monotonic() < end:
        time.sleep(0.1)
    assert solvers_alive(tmp_path) == []
