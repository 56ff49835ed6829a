"""What is left when the harness is killed or stopped: nothing that goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from bench.cli.shared.signals import AT_ONCE
from tests.forked import BENCH, Forked, Loaded
from tests.waiting import PATIENCE_S, until

Start = Callable[..., Forked]
HANGS = ("-p", "behaviour=hang")


@pytest.fixture
def start(tmp_path: Path, own_temp: dict[str, str], loaded: Loaded) -> Iterator[Start]:
    """Return a function that starts ``bench ...`` and gives it back while it goes on."""
    started = []

    def begin(*arguments: str | Path) -> Forked:
        started.append(loaded.start(BENCH, *arguments, cwd=tmp_path, env=own_temp))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def just_started(
    tmp_path: Path, own_temp: dict[str, str], knapsack: Path
) -> Iterator[subprocess.Popen[str]]:
    """Return ``python -m bench run`` at its very beginning."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench", "run", knapsack, "--solver", "fake", *HANGS],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | own_temp,
    ) as process:
        yield process
        process.kill()


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return those that still run."""
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def tree_of_a_task(process: Forked, folder: Path) -> list[psutil.Process]:
    """Return all descendants once a solver is solving."""
    until(lambda: any(folder.glob("bench-work/*/tasks/*/solving")))
    tree = psutil.Process(process.pid).children(recursive=True)
    assert len(tree) >= 3
    return tree


@pytest.mark.parametrize("behaviour", ["hang", "escape", "spin"])
def test_nothing_survives_a_killed_harness(start: Start, knapsack: Path, behaviour: str) -> None:
    """Fork server, supervisors, solvers and what they started die with it."""
    process = start(
        *("run", knapsack, "--solver", "fake", "-p", f"behaviour={behaviour}", "-p", "seconds=99")
    )
    tree = tree_of_a_task(process, knapsack.parent)
    process.send_signal(signal.SIGKILL)
    until(lambda: not alive(tree))


@pytest.mark.slow
@pytest.mark.parametrize("number", AT_ONCE)
def test_other_signals_end_everything_at_once(
    start: Start, knapsack: Path, number: signal.Signals
) -> None:
    """The command says that it was interrupted, and leaves nothing."""
    process = start("run", knapsack, "--solver", "fake", *HANGS)
    tree = tree_of_a_task(process, knapsack.parent)
    process.send_signal(number)
    _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert "Interrupted" in err
    until(lambda: not alive(tree))


def test_ctrl_c_again_and_again_is_no_traceback(just_started: subprocess.Popen[str]) -> None:
    """Also while the command starts up, imports and tidies up."""
    process = just_started
    until(lambda: _listens(process.pid))
    for _ in range(5):
        process.send_signal(signal.SIGINT)
        time.sleep(0.02)
    _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode in {130, -signal.SIGINT}
    assert err == "Error: interrupted\n"


def _listens(pid: int) -> bool:
    """Say whether Python in this process handles SIGHUP, which it does not by itself."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGHUP - 1) & 1)


@pytest.mark.slow
def test_the_first_ctrl_c_finishes_what_runs(start: Start, knapsack: Path) -> None:
    """Its result is kept; no further task is started."""
    other = knapsack.with_name("other.mps")
    other.write_text(knapsack.read_text())
    process = start(
        *("run", knapsack, other, "--solver", "fake", "-j", "1"),
        *("-p", "behaviour=sleep", "-p", "seconds=4", "--no-mlflow"),
    )
    tree_of_a_task(process, knapsack.parent)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert "running tasks are finished and recorded first" in err
    assert "1 of 1 solved" in out
    assert "1 of 2 tasks finished; 1 of 1 solved" in out
    assert "Interrupted: 1 of 2 tasks are finished." in err


@pytest.mark.slow
def test_the_second_ctrl_c_stops_at_once(start: Start, knapsack: Path) -> None:
    """A solver that ignores every request does not hold it up."""
    process = start("run", knapsack, "--solver", "fake", *HANGS)
    tree = tree_of_a_task(process, knapsack.parent)
    process.send_signal(signal.SIGINT)
    until(lambda: "press Ctrl-C again" in process.err)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    until(lambda: not alive(tree))
