"""Tasks on a cluster beside the same tasks on this machine: measures, overhead, throughput.

::

    python benchmarks/cluster.py                   measures of local, dask and Slurm's arrays
    python benchmarks/cluster.py --throughput 200  so many tasks of 50 ms, beside other ways
    python benchmarks/cluster.py --fake 5000       a stream of tasks: time and memory of the parent

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
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.app.campaign.execution_config import cpu_slots
from bench.execution import registry
from bench.execution.cluster.options import ClusterOptions
from bench.execution.process.fork_servers import fork_server
from bench.execution.process.supervision.linux import adopt_orphans
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
FEW = 20
"""So many of what takes half a second each."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=3, help="solves of each instance [3]")
    parser.add_argument("--throughput", type=int, default=0, help="tasks of 50 ms")
    parser.add_argument("--fake", type=int, default=0, help="tasks of the fake solver")
    given = parser.parse_args()
    adopt_orphans()
    print(f"load average before: {os.getloadavg()[0]:.2f}")
    with tempfile.TemporaryDirectory() as folder, dask(Path(folder)) as address:
        ways = executors(address)
        if given.throughput:
            throughput(Path(folder), ways, given.throughput, address)
        elif given.fake:
            stream(Path(folder), ways["dask"], given.fake)
        else:
            measures(Path(folder), ways, given.rounds)
    print(f"load average after: {os.getloadavg()[0]:.2f}")


@contextmanager
def dask(folder: Path) -> Iterator[str]:
    """Start a scheduler and a worker, and give the address."""
    cluster = Cluster(folder)
    try:
        cluster.work()
        yield cluster.address
    finally:
        cluster.end()


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
    """Print medians of each instance by each executor: they should not differ."""
    tasks = scip_tasks(rounds)
    print(
        f"{'instance':14} {'executor':12} {'CPU s':>7} {'peak MiB':>9} {'overhead s':>11}  search"
    )
    by_way = {way: execute(folder, way, options, tasks)[0] for way, options in ways.items()}
    for name in INSTANCES:
        for way, outcomes in by_way.items():
            own = [one for one in outcomes if one.task.instance.name.startswith(name)]
            cpu = statistics.median(one.execution.cpu_s or 0 for one in own)
            peak = statistics.median(one.execution.peak_mib or 0 for one in own)
            around = (one.execution.wall_s - (one.answer.solve_wall_s or 0) for one in own)
            search = {(one.answer.n_nodes, one.answer.n_lp_iterations) for one in own}
            overhead = statistics.median(around)
            print(f"{name:14} {way:12} {cpu:7.3f} {peak:9.1f} {overhead:11.3f}  {sorted(search)}")


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


def throughput(folder: Path, ways: dict[str, ClusterOptions], n: int, address: str) -> None:
    """Print seconds a task of 50 ms by each executor, beside a process or a job for each task."""
    tasks = fake_tasks(n, 0.05)
    for way, options in ways.items():
        found, seconds = execute(folder, way, options, tasks)
        print(f"{way:24} {len(found)} tasks, {seconds / n:.3f} s each")
    for name, call in plain_ways(address):
        n_calls = min(n, FEW)
        start = time.perf_counter()
        call(n_calls)
        print(f"{name:24} {n_calls} calls, {(time.perf_counter() - start) / n_calls:.3f} s each")


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
        yield "srun for each", srun
        yield "sbatch for each", sbatch


def stream(folder: Path, options: ClusterOptions, n: int) -> None:
    """Print time and memory of the parent as tasks of no length arrive."""
    config = ExecutorConfig(folder=folder / "stream" / "tasks", cluster=options)
    start = time.perf_counter()
    arriving = execute_tasks(registry.create(registry.DASK, config), fake_tasks(n, 0.0))
    for n_done, _ in enumerate(arriving, start=1):
        if n_done % max(1, n // 5) == 0:
            peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{n_done:7} tasks: {time.perf_counter() - start:8.1f} s, {peak_mib:.0f} MiB")


if __name__ == "__main__":
    main()
