"""What a user hears of tasks that the machine kept from being executed."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import pytest

from bench.execution.process import machine
from bench.journal.journal import Journal

pytestmark = pytest.mark.usefixtures("without_mlflow")

Bench = Callable[..., Any]
FAKE = ("--solver", "fake", "--no-lint", "-j", "1")


@pytest.fixture
def _no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the system refuse every further process."""

    def refuse(_: object) -> None:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(machine, "PAUSES_S", (0.01,))
    monkeypatch.setattr(forkserver, "connect_to_new_process", refuse)


@pytest.mark.slow
@pytest.mark.usefixtures("_no_processes")
def test_a_sweep_says_how_many_tasks_have_no_result_and_why(
    bench: Bench, knapsack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is recorded of them, nobody was interrupted, and the same command continues."""
    sweep = ("sweep", knapsack, *FAKE, "-p", "seconds=0,0.1", "--name", "mine")
    done = bench(*sweep, code=1)
    assert done.err.splitlines()[-1] == (
        "Error: 2 tasks have no result: no process could be started: "
        "Resource temporarily unavailable. Continue with: bench resume mine"
    )
    assert "nterrupted" not in done.err
    journal = Journal(tmp_path / "bench-work" / "mine")
    assert journal.count() == 0
    found = bench(*sweep, "--json", code=1).json
    assert found["missing"] == 2
    assert sum(found["lost"].values()) == 2
    monkeypatch.undo()
    bench(*sweep)
    assert journal.count() == 2


@pytest.mark.usefixtures("_no_processes")
def test_a_run_says_it_too(bench: Bench, knapsack: Path) -> None:
    """It begins anew with the same command."""
    done = bench("run", knapsack, *FAKE, code=1)
    assert "Error: 1 task has no result: no process could be started: " in done.err
    assert "Execute the run again with: bench run " in done.err


@pytest.mark.usefixtures("_no_processes")
def test_a_tuning_says_it_too(bench: Bench, knapsack: Path, tmp_path: Path) -> None:
    """It was not interrupted; the same command continues."""
    other = tmp_path / "other.mps"
    other.write_text(knapsack.read_text() + "* other\n")
    done = bench("tune", knapsack, other, *FAKE, "--budget", "9s", code=1)
    last = done.err.splitlines()[-1]
    assert "Error: 1 task has no result: no process could be started: " in last
    assert last.endswith("Continue with: bench resume tuning")
