"""A library that ends the fork server, or keeps it from serving, costs a warning."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from multiprocessing import forkserver
from pathlib import Path

import pytest

from bench.execution.local import LocalExecutor
from bench.execution.process import machine
from bench.execution.process.fork_servers import fork_server
from bench.execution.protocol import ANYWHERE, ExecutorConfig, execute_tasks
from bench.model.instances.instance import Instance
from bench.model.setting import Setting
from bench.model.task import Task
from bench.solvers import trial_import
from bench.solvers.fake import Fake
from tests.commands import PRELOADED


@pytest.fixture(scope="module", autouse=True)
def _usual_server() -> Iterator[None]:
    """Leave the usual fork server behind."""
    yield
    vars(forkserver)["_forkserver"]._stop()
    fork_server.prepare(PRELOADED)


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start without a fork server."""
    monkeypatch.setattr(machine, "PAUSES_S", (0.01, 0.01))
    monkeypatch.setattr(fork_server, "_BROKEN", {})
    vars(forkserver)["_forkserver"]._stop()


BAD = {
    "raise RuntimeError('boom')": "importing badlib fails: RuntimeError: boom",
    "import os; os.abort()": "importing badlib ends the process: SIGABRT",
    "import time; time.sleep(600)": "importing badlib does not end within 1 s",
}


@pytest.mark.parametrize(
    ("text", "is_of_the_solver"), [*((text, False) for text in BAD), (next(iter(BAD)), True)]
)
def test_a_library_that_ends_the_server_is_named(
    tmp_path: Path,
    knapsack: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str,
    *,
    is_of_the_solver: bool,
) -> None:
    """Other solvers go on; a task of a solver that cannot be loaded has no result."""
    (tmp_path / "badlib.py").write_text(f"{text}\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    if "sleep" in text:
        monkeypatch.setattr(fork_server, "LONGEST_LOAD_S", 3.0)
        monkeypatch.setattr(trial_import, "LONGEST_S", 1.0)
    if is_of_the_solver:
        monkeypatch.setattr(Fake, "preload", "badlib")
    lost: list[str] = []
    config = ExecutorConfig(
        folder=tmp_path / "tasks",
        cpu_slots=(ANYWHERE,),
        on_lost=lambda _, reason: lost.append(reason),
    )
    fork_server.prepare(["badlib"])
    task = Task(
        instance=Instance(name="k", path=knapsack, digest="0" * 64),
        setting=Setting(name="fake", solver="fake"),
        solver_version="1.0",
    )
    outcomes = list(execute_tasks(LocalExecutor(config), [task]))
    assert capsys.readouterr().err == f"Warning: {BAD[text]}; tasks load it themselves\n"
    if is_of_the_solver:
        assert lost == [f"solver 'fake' cannot be loaded: {BAD[text]}"]
    else:
        assert [one.answer.status for one in outcomes] == ["optimal"]
        assert not lost
