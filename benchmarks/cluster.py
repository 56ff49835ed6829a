"""Tasks on a cluster beside the same tasks on this machine: measures, overhead, throughput.

::

    python benchmarks/cluster.py                   measures of local, dask and Slurm's arrays
    python benchmarks/cluster.py --throughput 200  so many tasks of 50 ms, beside other ways
    python benchmarks/cluster.py --fake 5000       a stream of tasks: time and memory of the parent
    python benchmarks/cluster.py --engine 20000    the same without processes: what sending costs
    python benchmarks/cluster.py --sweep 20000     a whole bench sweep without processes or MLflow

All executors execute the same tasks on this machine, in turns: dask with a scheduler and a worker
that are started for it, arrays on the Slurm that SLURM_CONF names (left out where there is none).
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.app.campaign.execution_config import cpu_slots
from bench.cli.main import command
from bench.execution import registry
from bench.execution.cluster.dask import agents
from bench.execution.cluster.orders import TaskOrder, from_text
from bench.execution.cluster.spool import HostReport, from_line, to_line
from bench.execution.cluster_options import ClusterOptions
from bench.execution.host.linux import adopt_orphans
from bench.execution.process.fork_servers import fork_server
from bench.execution.protocol import ExecutorConfig, execute_tasks
from bench.instances.files import find
from bench.model.limits import Limits
from bench.model.results.result import Outcome
from bench.model.setting import Setting
from bench.model.task import Task
from bench.solvers import registry as solvers
from tests.dask_cluster import Cluster

ROOT = Path(__file__).parent.parent
INSTANCES = ("gap-4x24", "lotsize-6x15", "netload-7x12")
THREADS = 40
"""Threads of a worker that executes nothing: with chunks of 500 each, all tasks are in flight."""
EXPECTED_S = 0.05


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=3, help="solves of each instance [3]")
    parser.add_argument("--throughput", type=int, default=0, help="tasks of 50 ms")
    parser.add_argument("--calls", type=int, default=20, help="calls of each other way [20]")
    parser.add_argument(
        "--only", action="append", metavar="WAY", help="local, dask, slurm-array, client.map, ..."
    )
    parser.add_argument("--fake", type=int, default=0, help="tasks of the fake solver")
    parser.add_argument("--engine", type=int, default=0, help="tasks that no process executes")
    parser.add_argument("--sweep", type=int, default=0, help="the same, as bench sweep has them")
    given = parser.parse_args()
    adopt_orphans()
    print(f"load average before: {os.getloadavg()[0]:.2f}")
    with (
        tempfile.TemporaryDirectory() as folder,
        dask(Path(folder), given.engine or given.sweep) as cluster,
    ):
        known = executors(cluster.address)
        ways = {way: each for way, each in known.items() if way in (given.only or known)}
        if given.throughput:
            throughput(
                Path(folder), ways, given.throughput, cluster.address, given.calls, given.only
            )
        elif given.fake:
            stream(Path(folder), known[registry.DASK], given.fake, cluster)
        elif given.engine:
            answer_at_once(Path(folder))
            many = ClusterOptions(scheduler=cluster.address)
            stream(Path(folder), many, given.engine, cluster)
        elif given.sweep:
            answer_at_once(Path(folder))
            whole_sweep(Path(folder), given.sweep, cluster)
        else:
            measures(Path(folder), ways, given.rounds)
    print(f"load average after: {os.getloadavg()[0]:.2f}")


@contextmanager
def dask(folder: Path, many: int = 0) -> Iterator[Cluster]:
    """Start a scheduler and a worker, with many threads if asked for."""
    cluster = Cluster(folder)
    try:
        if many:
            options = ("--nthreads", str(THREADS), "--no-nanny", "--no-dashboard")
            cluster.start_worker(*options)
        else:
            cluster.work()
        yield cluster
    finally:
        cluster.end()


def answered(line: bytes, _: str, orders: Sequence[str]) -> list[bytes]:
    """Return for each order the same report, in the place of an agent."""
    report = from_line(line)
    names = [from_text(order, TaskOrder).name for order in orders]
    return [to_line(replace(report, order=name)) for name in names]


def answer_at_once(folder: Path) -> None:
    """Let workers answer without any process, by what came out of one task."""
    (task,) = fake_tasks(1, 0.0)
    (outcome,), _ = execute(folder, registry.LOCAL, ClusterOptions(), [task])
    line = to_line(HostReport.of(TaskOrder(task=task), "host", outcome))
    agents.execute_chunk = partial(answered, line)


def executors(address: str) -> dict[str, ClusterOptions]:
    """Return how each executor is told where to execute; one worker each."""
    ways = {
        registry.LOCAL: ClusterOptions(),
        registry.DASK: ClusterOptions(scheduler=address, workers=1),
    }
    if shutil.which("sbatch") and os.environ.get("SLURM_CONF"):
        ways[registry.SLURM_ARRAY] = ClusterOptions(workers=1)
    else:
        print("left out: no Slurm, or SLURM_CONF does not say where it is")
    return ways


def execute(
    folder: Path, way: str, options: ClusterOptions, tasks: Sequence[Task]
) -> tuple[list[Outcome], float]:
    """Return the outcomes of tasks by an executor, and the seconds until the last one."""
    config = ExecutorConfig(
        folder=Path(tempfile.mkdtemp(dir=folder)) / "tasks",
        cpu_slots=cpu_slots(1),
        cluster=options,
        on_lost=lambda task, reason: print(f"lost: {task.instance.name}: {reason}"),
    )
    start = time.perf_counter()
    found = list(execute_tasks(registry.create(way, config), tasks))
    return found, time.perf_counter() - start


def scip_tasks(rounds: int) -> list[Task]:
    """Return the same solves of SCIP, so many of each instance."""
    scip = solvers.load("scip")
    fork_server.prepare([fork_server.PRELOAD_READERS, scip.preload])
    instances = find([str(ROOT / "instances" / f"{name}.mps.gz") for name in INSTANCES])
    return [
        Task(
            instance=instance,
            setting=Setting(name=f"round {number}", solver="scip"),
            solver_version=scip.version(),
            limits=Limits(time_s=60, memory_mib=1000),
        )
        for number in range(rounds)
        for instance in instances
    ]


def measures(folder: Path, ways: dict[str, ClusterOptions], rounds: int) -> None:
    """Print medians of each instance by each executor, and the least CPU time.

    They should not differ; the least time suffers least from other processes, and its ratio is to
    that of the first executor.
    """
    tasks = scip_tasks(rounds)
    print(
        f"{'instance':14} {'executor':12} {'CPU s':>7} {'least':>7} {'ratio':>6} {'peak MiB':>9} "
        f"{'overhead s':>11}  search"
    )
    by_way: dict[str, list[Outcome]] = {way: [] for way in ways}
    for start in range(0, len(tasks), len(INSTANCES)):
        for way, options in ways.items():
            by_way[way] += execute(folder, way, options, tasks[start : start + len(INSTANCES)])[0]
    for name in INSTANCES:
        first_s = None
        for way, outcomes in by_way.items():
            own = [one for one in outcomes if one.task.instance.name.startswith(name)]
            cpu = [one.execution.cpu_s or 0 for one in own]
            peak = statistics.median(one.execution.peak_mib or 0 for one in own)
            around = (one.execution.wall_s - (one.answer.solve_wall_s or 0) for one in own)
            search = {(one.answer.n_nodes, one.answer.n_lp_iterations) for one in own}
            overhead = statistics.median(around)
            first_s = first_s or min(cpu)
            print(
                f"{name:14} {way:12} {statistics.median(cpu):7.3f} {min(cpu):7.3f} "
                f"{min(cpu) / first_s:6.3f} {peak:9.1f} {overhead:11.3f}  {sorted(search)}"
            )


def fake_tasks(n: int, seconds: float) -> list[Task]:
    """Return tasks of the fake solver that take so long."""
    fork_server.prepare([fork_server.PRELOAD_READERS, "bench.solvers.fake"])
    (instance,) = find([str(ROOT / "instances" / f"{INSTANCES[0]}.mps.gz")])
    task = Task(
        instance=instance,
        setting=Setting(
            name="fake", solver="fake", params={"behaviour": "sleep", "seconds": seconds}
        ),
        solver_version="1.0",
        limits=Limits(time_s=10, memory_mib=100),
    )
    return [replace(task, seed=seed) for seed in range(n)]


def throughput(  # noqa: PLR0913, PLR0917 - the ways, and how often each is used
    folder: Path,
    ways: dict[str, ClusterOptions],
    n: int,
    address: str,
    n_calls: int,
    only: Sequence[str] | None,
) -> None:
    """Print seconds a task of 50 ms by each executor, beside a process or a job for each task."""
    tasks = fake_tasks(n, 0.05)
    for way, options in ways.items():
        found, seconds = execute(folder, way, options, tasks)
        print(f"{way:24} {len(found)} tasks, {seconds / n:.3f} s each", flush=True)
    for name, call in plain_ways(address):
        if only is None or name in only:
            start = time.perf_counter()
            call(n_calls)
            each = (time.perf_counter() - start) / n_calls
            print(f"{name:24} {n_calls} calls, {each:.3f} s each", flush=True)


def plain_ways(address: str) -> Iterator[tuple[str, Callable[[int], object]]]:
    """Yield ways that isolate, limit, measure and record nothing."""

    def client_map(n: int) -> None:
        from distributed import Client  # noqa: PLC0415 - for this way only

        with Client(address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
            client.gather(client.map(time.sleep, [0.05 + 1e-9 * at for at in range(n)]))

    def srun(n: int) -> None:
        for _ in range(n):
            subprocess.run(["srun", "--mem=100M", "-n1", "sleep", "0.05"], check=True)

    def sbatch(n: int) -> None:
        words = ["sbatch", "--mem=100M", "--output=/dev/null", "--wrap", "sleep 0.05"]
        for _ in range(n - 1):
            subprocess.run(words, check=True, capture_output=True)
        subprocess.run([*words[:1], "--wait", *words[1:]], check=True, capture_output=True)

    yield "client.map", client_map
    if os.environ.get("SLURM_CONF"):
        yield "srun", srun
        yield "sbatch", sbatch


def stream(folder: Path, options: ClusterOptions, n: int, cluster: Cluster) -> None:
    """Print time and memory of parent and scheduler as tasks of no length arrive."""
    exchange = folder / "stream"
    config = ExecutorConfig(
        folder=exchange / "tasks", cluster=options, expected_s=lambda _: EXPECTED_S
    )
    start, cpu = time.perf_counter(), time.process_time()
    arriving = execute_tasks(registry.create(registry.DASK, config), fake_tasks(n, 0.0))
    scheduler = psutil.Process(cluster.scheduler.pid)
    for n_done, _ in enumerate(arriving, start=1):
        if n_done % max(1, n // 4) == 0:
            peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            scheduler_mib = scheduler.memory_info().rss / 2**20
            wall_s, cpu_s = time.perf_counter() - start, time.process_time() - cpu
            print(
                f"{n_done:7} tasks: {wall_s:7.1f} s, parent {cpu_s:6.1f} CPU s and {peak_mib:.0f} "
                f"MiB, scheduler {sum(scheduler.cpu_times()[:2]):6.1f} CPU s and "
                f"{scheduler_mib:.0f} MiB",
                flush=True,
            )


def whole_sweep(folder: Path, n: int, cluster: Cluster) -> None:
    """Print time and memory of the process of a sweep of two settings, and of the scheduler."""
    shutil.copy(ROOT / "instances" / f"{INSTANCES[0]}.mps.gz", folder)  # without its reference
    words = ["sweep", str(folder / f"{INSTANCES[0]}.mps.gz"), "--solver", "fake"]
    words += [
        "-p",
        "seconds=0,0.1",
        "--seeds",
        str(n // 2),
        "--time-limit",
        "10",
        "--memory-limit",
        "100",
        "--no-mlflow",
    ]
    words += ["--executor", "dask", "--scheduler", cluster.address]
    words += ["--work-dir", str(folder / "work"), "--name", "s"]
    start, cpu = time.perf_counter(), time.process_time()
    command.main(words, standalone_mode=False)
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    scheduler_mib = psutil.Process(cluster.scheduler.pid).memory_info().rss / 2**20
    print(
        f"{n:7} tasks: {time.perf_counter() - start:7.1f} s, {time.process_time() - cpu:6.1f} CPU "
        f"s, {peak_mib:.0f} MiB, scheduler {scheduler_mib:.0f} MiB"
    )


if __name__ == "__main__":
    main()
