"""Sweeps over arrays of jobs of a real Slurm, which has one node: this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import psutil
import pytest

from bench.execution.cluster import array_folder, slurm_array
from bench.execution.cluster.orders import exchange_of
from bench.journal.journal import Journal
from bench.model.results.verdict import Category
from tests import slurm
from tests.commands import Run
from tests.waiting import PATIENCE_S, until

pytestmark = pytest.mark.xdist_group("slurm")
NAP_S = 5.0  # a task lasts longer than a busy Slurm takes to cancel its job
SLEEPING = ("--solver", "fake", "-p", "behaviour=sleep", "--memory-limit", "100")


@pytest.fixture(scope="module")
def real() -> Iterator[dict[str, str]]:
    """Return the variables with which a Slurm is found that is started for these tests."""
    if why := slurm.missing():
        pytest.skip(why)
    with TemporaryDirectory() as folder, slurm.real_slurm(Path(folder)) as variables:
        yield variables


@pytest.fixture(autouse=True)
def _quick(
    real: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    own_temp: dict[str, str],
) -> None:
    for name, value in (real | own_temp).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("BENCH_NO_MLFLOW", "1")
    monkeypatch.setenv("BENCH_LEASE_FOLDER", str(tmp_path / "leases"))
    for name in ("POLL_S", "QUEUE_S", "SETTLE_S"):
        monkeypatch.setattr(slurm_array, name, 0.2)


def arguments(knapsack: Path, seconds: float, seeds: int, **options: str) -> list[str]:
    """Return a sweep over two workers."""
    typed = ["sweep", str(knapsack), *SLEEPING, "-p", f"seconds={seconds}", "--seeds", str(seeds)]
    typed += ["--executor", "slurm-array", "--workers", "2", "--name", "s", "--time-limit", "30"]
    return [*typed, *(word for name, value in options.items() for word in (f"--{name}", value))]


def test_a_sweep_loses_and_doubles_nothing_when_jobs_are_cancelled(
    bench: Run, knapsack: Path, tmp_path: Path
) -> None:
    """Its results have the measures of the local executor, on cores that the queue gave."""
    work = tmp_path / "bench-work" / "s"
    with _meanwhile(lambda: _cancel_the_first(work)):
        done = bench(*arguments(knapsack, NAP_S, 4))
    assert "4 of 4 solved" in done.out
    results = list(Journal(work).results())
    assert sorted(one.task.seed for one in results) == [0, 1, 2, 3]
    assert {one.verdict.category for one in results} <= {Category.SOLVED, Category.UNCONFIRMED}
    assert all(len(one.execution.cores) >= 1 for one in results)
    assert all(one.execution.wall_s >= NAP_S for one in results)
    assert all(one.folder.is_relative_to(work) for one in results)
    assert any("execution2" in one.folder.name for one in results)


def _cancel_the_first(work: Path) -> None:
    """Cancel one element in the middle of its task."""
    exchange = exchange_of(work)
    until(lambda: len(list(exchange.glob("claims/*"))) == 2)
    (array,) = array_folder.arrays(exchange)
    subprocess.run(["scancel", f"{array.job}_0"], check=True, timeout=60)


class _meanwhile:  # noqa: N801 - reads as a statement
    """Let something happen in a thread while the body is executed."""

    def __init__(self, action: Callable[[], object]) -> None:
        self._action = action

    def __enter__(self) -> None:
        self._thread = Thread(target=self._action)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._thread.join()


@pytest.mark.soak
def test_what_the_real_queue_refuses_is_quoted(bench: Run, knapsack: Path, tmp_path: Path) -> None:
    """A partition that is not there, more memory than any node has, a time above the limit."""
    for option, refusal in (
        ("partition: long", "invalid partition specified: long"),
        ("mem: 900G", "Memory specification can not be satisfied"),
    ):
        file = tmp_path / "queue.yaml"
        file.write_text(option)
        given = arguments(knapsack, 0.1, 1, **{"queue-options": str(file)})
        done = bench(*given, code=1)
        assert f"Slurm rejects the jobs: {refusal}" in done.err


@pytest.mark.soak
@pytest.mark.parametrize("victim", ["submitter", "element", "thin process", "both", "scheduler"])
def test_no_kill_loses_doubles_or_falsifies_a_result(
    bench: Run, knapsack: Path, tmp_path: Path, real: dict[str, str], victim: str
) -> None:
    """Each of them in the middle of a sweep; the same command ends it."""
    words = arguments(knapsack, 1.5, 6)
    work = tmp_path / "bench-work" / "s"
    first = subprocess.Popen([sys.executable, "-m", "bench", *words], cwd=tmp_path)
    until(lambda: len(list(work.glob("cluster/claims/*"))) >= 2)
    if victim in {"submitter", "both"}:
        first.kill()
    if victim in {"element", "both"}:
        _kill("array_element", work)
    if victim == "thin process":
        _kill("forkserver", work)
    if victim == "scheduler":
        _restart_controller(real)
    first.wait(PATIENCE_S * 2)
    done = bench(*words)
    assert "6 of 6 solved" in done.out
    results = list(Journal(work).results())
    assert sorted(one.task.seed for one in results) == list(range(6))
    assert {one.verdict.category for one in results} <= {Category.SOLVED, Category.UNCONFIRMED}


def _kill(words: str, work: Path) -> None:
    """Kill an element of this sweep, or its fork server, by its command."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            family = [" ".join(one.cmdline()) for one in (process, *process.parents()[:1])]
            if words in family[0] and any(f"array_element {work}" in each for each in family):
                process.send_signal(signal.SIGKILL)
                return
    raise AssertionError(f"no process {words}")


def _restart_controller(variables: dict[str, str]) -> None:
    folder = Path(variables["SLURM_CONF"]).parent
    slurm._stop(folder / "slurmctld.pid")
    time.sleep(3)
    slurm._start("slurmctld", "-f", variables["SLURM_CONF"], env=os.environ | variables)
