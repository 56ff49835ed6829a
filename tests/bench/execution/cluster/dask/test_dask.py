"""Sweeps over workers of dask: a scheduler by its address, and a real Slurm as its queue."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import psutil
import pytest

from bench.errors import BenchError
from bench.execution.cluster.dask import connection, workers
from bench.execution.cluster_options import ClusterOptions
from bench.journal.journal import Journal
from bench.model.results.verdict import Category
from tests import slurm
from tests.commands import Run
from tests.dask_cluster import Cluster
from tests.servers import free_port
from tests.waiting import PATIENCE_S, until

pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
pytestmark = [pytest.mark.soak, pytest.mark.xdist_group("slurm")]
WORKER = workers.WORKER


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_temp: dict[str, str]) -> None:
    monkeypatch.setenv("BENCH_NO_MLFLOW", "1")
    monkeypatch.setenv("BENCH_LEASE_FOLDER", str(tmp_path / "leases"))
    monkeypatch.setenv("TMPDIR", own_temp["TMPDIR"])


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Return a scheduler of its own, with no workers yet."""
    made = Cluster(tmp_path)
    try:
        yield made
    finally:
        made.end()


def words(knapsack: Path, cluster: Cluster, seconds: float = 1.5, seeds: int = 6) -> list[str]:
    """Return a sweep over two workers."""
    solver = ("--solver", "fake", "-p", "behaviour=sleep", "-p", f"seconds={seconds}")
    limits = ("--time-limit", "30", "--memory-limit", "100", "--seeds", str(seeds))
    engine = ("--executor", "dask", "--scheduler", cluster.address, "--workers", "2")
    return ["sweep", str(knapsack), *solver, *limits, *engine, "--name", "s"]


def check(tmp_path: Path, n: int) -> None:
    """Assert that no result was lost, doubled or falsified."""
    results = list(Journal(tmp_path / "bench-work" / "s").results())
    assert sorted(one.task.seed for one in results) == list(range(n))
    assert {one.verdict.category for one in results} <= {Category.SOLVED, Category.UNCONFIRMED}


def _kill(text: str) -> None:
    """Kill a process below this one by its command, as soon as there is one."""
    until(lambda: _below(text))
    _below(text)[0].kill()


def _below(text: str) -> list[psutil.Process]:
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if text in " ".join(process.cmdline()):
                found.append(process)
    return found


@pytest.mark.parametrize("files", ["shared", "send"])
@pytest.mark.parametrize("victim", ["nobody", "worker", "agent", "fork server", "submitter"])
def test_no_kill_loses_doubles_or_falsifies_a_result(
    bench: Run, knapsack: Path, tmp_path: Path, cluster: Cluster, victim: str, files: str
) -> None:
    """Each of them in the middle of a sweep; the same command ends it."""
    cluster.work("-j", "2")
    typed = [*words(knapsack, cluster), "--files", files]
    first = subprocess.Popen([sys.executable, "-m", "bench", *typed], cwd=tmp_path)
    claims = tmp_path / "bench-work" / "s" / "cluster" / "claims"
    until(lambda: claims.is_dir() and len(list(claims.iterdir())) >= 2)
    if victim == "submitter":
        first.kill()
    elif victim != "nobody":
        _kill(
            {
                "worker": f"{WORKER} {cluster.address}",
                "agent": "bench.execution.cluster.dask.agent",
                "fork server": "-P -c from multiprocessing.forkserver",
            }[victim]
        )
    first.wait(PATIENCE_S * 2)
    done = bench(*typed)
    assert "6 of 6 solved" in done.out
    check(tmp_path, 6)


def test_a_scheduler_that_dies_costs_no_result(
    bench: Run, knapsack: Path, tmp_path: Path, cluster: Cluster
) -> None:
    """The command says so; it ends the sweep with another scheduler."""
    worker = cluster.work("-j", "2")
    typed = words(knapsack, cluster)
    first = subprocess.Popen(
        [sys.executable, "-m", "bench", *typed], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    journal = tmp_path / "bench-work" / "s" / "journal.jsonl"
    until(lambda: journal.is_file() and journal.stat().st_size)
    cluster.scheduler.kill()
    _, said = first.communicate(timeout=PATIENCE_S)
    assert "has ended; the results so far are recorded" in said
    assert first.returncode == 1
    worker.wait(PATIENCE_S)
    other = Cluster(tmp_path)
    try:
        other.work("-j", "2")
        assert "6 of 6 solved" in bench(*words(knapsack, other)).out
    finally:
        other.end()
    check(tmp_path, 6)


def test_nobody_at_the_address_is_one_line(bench: Run, knapsack: Path) -> None:
    """For the sweep, and for a worker."""
    address = f"tcp://127.0.0.1:{free_port()}"
    solver = ("--solver", "fake", "--executor", "dask")
    done = bench("sweep", knapsack, *solver, "--scheduler", address, code=1)
    assert f"no scheduler of dask answers at {address}" in done.err
    assert "needs --scheduler ADDRESS, or --queue" in bench("sweep", knapsack, *solver, code=2).err


@pytest.mark.parametrize("banner", [b"", b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"])
def test_something_else_at_the_address_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    banner: bytes,
) -> None:
    """It may say nothing, or something that dask does not understand."""
    monkeypatch.setattr(connection, "CONNECT_S", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        accepted: list[socket.socket] = []
        Thread(target=_greet, args=(listening, banner, accepted), daemon=True).start()
        with pytest.raises(BenchError, match=f"no scheduler of dask answers at {address}: ."):
            connection.connect(ClusterOptions(scheduler=address), [], 1, tmp_path)
        gc.collect()
        for each in accepted:
            each.close()
    assert capfd.readouterr().err == ""


def _greet(listening: socket.socket, banner: bytes, accepted: list[socket.socket]) -> None:
    with suppress(OSError):
        while True:
            accepted.append(listening.accept()[0])
            accepted[-1].sendall(banner)


@contextmanager
def _real_slurm(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    if why := slurm.missing():
        pytest.skip(why)
    with TemporaryDirectory() as folder, slurm.real_slurm(Path(folder)) as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield variables


@pytest.mark.parametrize("victim", ["job", "submitter"])
def test_jobs_of_a_real_slurm_are_workers(
    bench: Run, knapsack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, victim: str
) -> None:
    """One that is cancelled is replaced; a command that is killed is repeated."""
    (tmp_path / "queue.yaml").write_text("interface: lo\n")
    typed = ["sweep", str(knapsack), "--solver", "fake", "-p", "behaviour=sleep", "--seeds", "6"]
    typed += ["-p", "seconds=1.5", "--time-limit", "30", "--memory-limit", "100", "--name", "s"]
    typed += ["--executor", "dask", "--queue", "slurm", "--queue-options", "queue.yaml"]
    typed += ["--workers", "2"]
    with _real_slurm(monkeypatch):
        first = subprocess.Popen([sys.executable, "-m", "bench", *typed], cwd=tmp_path)
        claims = tmp_path / "bench-work" / "s" / "cluster" / "claims"
        until(lambda: claims.is_dir() and list(claims.iterdir()))
        if victim == "job":
            jobs = subprocess.run(
                ["squeue", "-h", "-o", "%i"], check=True, capture_output=True, text=True
            ).stdout.split()
            subprocess.run(["scancel", jobs[0]], check=True)
        else:
            first.kill()
        first.wait(PATIENCE_S * 2)
        assert "6 of 6 solved" in bench(*typed).out
        check(tmp_path, 6)
        until(lambda: not _alive("SLURMCluster"))


def _alive(text: str) -> bool:
    return any(
        text in " ".join(process.info["cmdline"] or ())
        for process in psutil.process_iter(["cmdline"])
        if process.pid != os.getpid()
    )
