"""Scale: what a task costs in sweeps of 100, 1,000 and 10,000 that solve nothing.

::

    python benchmarks/scale.py --quick         100 and 1,000 tasks, in about two minutes
    python benchmarks/scale.py                 10,000 as well: some ten minutes more

Every sweep is the command ``bench sweep`` with the fake solver, ten settings and a new SQLite
store of MLflow. A sweep of twenty tasks says what start-up costs; that is taken off the others.
docs/performance.md explains the table.
"""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import click

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.execution.host.linux import adopt_orphans
from benchmarks.ways.bed import ENVIRONMENT, cpu_of_children

REPOSITORY = Path(__file__).parent.parent
PYTHON = sys.executable
N_SETTINGS = 10
SIZES = (100, 1_000, 10_000)
POLL_S = 0.05
REPEATS = 3
N_ALONE = 2 * N_SETTINGS
"""The tasks of the sweep that start-up is taken from: a setting of one has no task runs."""

FINISHED = "nothing left to do"
TASK_RUNS = """
    select count(*) from runs r where r.status = 'FINISHED' and exists (
        select 1 from tags t where t.run_uuid = r.run_uuid and t.key = 'mlflow.parentRunId')
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a command took with all it started, and its own process's peak of resident memory.

    ``finished_s`` is when it said that nothing is left to do, None if it did not say so.
    """

    wall_s: float
    cpu_s: float
    peak_mib: float
    finished_s: float | None


@dataclass(frozen=True, slots=True)
class Size:
    """What was measured for sweeps of one size; ``tail_s`` is from the last result to the end."""

    n_tasks: int
    sweep: Spent
    tail_s: float
    resumed: Spent
    plan_s: float
    status_s: float
    journal_bytes: int


class Bed:
    """A folder of its own for a sweep: instances, work folder and store."""

    def __init__(self, folder: Path, n_tasks: int, jobs: int) -> None:
        """Write as many tiny instances as it takes."""
        self.folder = folder / str(n_tasks)
        self._n_tasks = n_tasks
        self._words = ("instances", "--solver", "fake", "-p", f"code=1:{N_SETTINGS}:1")
        self._jobs = ("--jobs", str(jobs))
        instances = self.folder / "instances"
        instances.mkdir(parents=True)
        for number in range(n_tasks // N_SETTINGS):
            (instances / f"tiny{number}.lp").write_text(f"\\ {number}\n")

    def measure(self) -> Size:
        """Execute the sweep, and ask for what it has come to."""
        sweep = self._bench("sweep", *self._words, *self._jobs)
        (journal,) = self.folder.glob("bench-work/*/journal.jsonl")
        tail_s = time.time() - journal.stat().st_mtime
        self._check(sweep)
        return Size(
            n_tasks=self._n_tasks,
            sweep=sweep,
            tail_s=tail_s,
            resumed=self._bench("sweep", *self._words, *self._jobs),
            plan_s=self._median("plan", *self._words),
            status_s=self._median("status"),
            journal_bytes=journal.stat().st_size,
        )

    def _bench(self, *words: str) -> Spent:
        return execute((PYTHON, "-m", "bench", *words), self.folder)

    def _median(self, *words: str) -> float:
        return statistics.median(self._bench(*words).wall_s for _ in range(REPEATS))

    def _check(self, sweep: Spent) -> None:
        """Stop unless the sweep had everything to do, and MLflow has a run of each task."""
        with closing(sqlite3.connect(self.folder / "mlflow.db")) as store:
            n_runs = store.execute(TASK_RUNS).fetchone()[0]
        if n_runs != self._n_tasks or sweep.finished_s is not None:
            raise SystemExit(f"{n_runs} task runs in MLflow instead of {self._n_tasks}")


def execute(command: Sequence[str], folder: Path) -> Spent:
    """Execute a command in a folder; stop with what it said where it fails."""
    cpu, start, finished_s, said = cpu_of_children(), time.perf_counter(), None, ""
    with (
        subprocess.Popen(
            command,
            cwd=folder,
            env=ENVIRONMENT | {"PYTHONPATH": str(REPOSITORY)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
        peaks_of(process.pid) as peaks,
    ):
        for line in process.stderr or ():
            said += line
            if FINISHED in line:
                finished_s = time.perf_counter() - start
    wall_s = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(f"{command} failed:\n{said}")
    with suppress(ChildProcessError):
        while True:
            os.wait()
    return Spent(wall_s, cpu_of_children() - cpu, max(peaks), finished_s)


@contextmanager
def peaks_of(pid: int) -> Iterator[list[float]]:
    """Read the peak of a process's resident memory (VmHWM, MiB) again and again until the end."""
    over, peaks = Event(), [0.0]

    def follow() -> None:
        while not over.wait(POLL_S):
            with suppress(OSError):
                found = re.search(r"VmHWM:\s*(\d+)", Path(f"/proc/{pid}/status").read_text())
                peaks.append(int(found[1]) / 1024 if found else 0.0)

    thread = Thread(target=follow)
    thread.start()
    try:
        yield peaks
    finally:
        over.set()
        thread.join()


def say_machine(when: str) -> None:
    """Print cores, versions and load."""
    if when == "before":
        print(f"{os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load average {when}: {' '.join(f'{load:.2f}' for load in os.getloadavg())}", flush=True)


def table(head: str, rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table with numbers in all columns."""
    names = head.split(", ")
    lines = [names, ["---:"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cost_table(sizes: Sequence[Size], alone: Size) -> str:
    """Return what a task costs; ratios are to the row above."""
    rows: list[Sequence[str]] = []
    before: tuple[float, float] | None = None
    for size in sizes:
        n_more = size.n_tasks - alone.n_tasks
        wall = (size.sweep.wall_s - alone.sweep.wall_s) / n_more
        cpu = (size.sweep.cpu_s - alone.sweep.cpu_s) / n_more
        ratios = (f"{wall / before[0]:.2f}", f"{cpu / before[1]:.2f}") if before else ("", "")
        before = wall, cpu
        costs = (f"{1000 * wall:.1f}", ratios[0], f"{1000 * cpu:.1f}", ratios[1])
        ends = (f"{size.tail_s:.1f}", f"{size.sweep.peak_mib:.0f}")
        journal = f"{size.journal_bytes / 1024 / size.n_tasks:.2f}"
        rows.append((str(size.n_tasks), *costs, *ends, journal))
    return table(
        "tasks, wall ms a task, ratio, CPU ms a task, ratio, "
        "from the last result to the end s, parent's peak MiB, journal KiB a task",
        rows,
    )


def resume_table(sizes: Sequence[Size], import_s: float) -> str:
    """Return what the same command takes again, and what other commands take."""
    rows = []
    for size in sizes:
        said_s = size.resumed.finished_s or float("nan")
        times = (said_s, said_s - import_s, size.resumed.wall_s, size.plan_s, size.status_s)
        cells = [f"{seconds:.2f}" for seconds in times]
        rows.append((str(size.n_tasks), *cells, f"{size.resumed.peak_mib:.0f}"))
    return table(
        "tasks, nothing left: said after s, less import s, its end s, plan s, status s, peak MiB",
        rows,
    )


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("sizes", nargs=-1, type=click.IntRange(min=2 * N_ALONE))
@click.option("--quick", is_flag=True, help="Leave out sizes above 1,000.")
@click.option("--jobs", "-j", default=1, show_default=True, help="Tasks at a time.")
def main(sizes: tuple[int, ...], quick: bool, jobs: int) -> None:
    """Measure what a task costs in sweeps of different SIZES that solve nothing."""
    wanted = [size for size in sorted(sizes or SIZES) if not (quick and size > SIZES[1])]
    adopt_orphans()
    say_machine("before")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        imports = [
            execute((PYTHON, "-c", "import bench.cli.execute.sweep"), folder).wall_s
            for _ in range(REPEATS)
        ]
        alone = Bed(folder, N_ALONE, jobs).measure()
        print(
            f"-j {jobs}; import {statistics.median(imports):.2f} s; {N_ALONE} tasks, start-up and "
            f"all: {alone.sweep.wall_s:.1f} s, CPU {alone.sweep.cpu_s:.1f} s, "
            f"{alone.sweep.peak_mib:.0f} MiB",
            flush=True,
        )
        found = []
        for size in wanted:
            found.append(Bed(folder, size, jobs).measure())
            say_machine(f"after {size}")
    print(f"\n{cost_table(found, alone)}")
    print(f"\n{resume_table([alone, *found], statistics.median(imports))}")


if __name__ == "__main__":
    main()
