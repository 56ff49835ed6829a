"""Fidelity: the same solves in a bare process and under the harness, alone and two at a time.

::

    python benchmarks/fidelity.py                       eight instances, five rounds: some minutes
    python benchmarks/fidelity.py --rounds 3 tsp-16 gap-5x20

A bare solve is a new Python process with pyscipopt and nothing else, pinned to a core as the
harness does it, with the parameters that the harness has set. What is compared is the CPU time of
``optimize()``. Rounds take turns, and so does who comes first in them. Exits with 1 where the
numbers of nodes or LP iterations are not the same in all solves of an instance.
docs/performance.md explains the tables.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple, TypeVar

import click

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.app.campaign.execution_config import cpu_slots
from bench.instances.files import instance_name
from bench.journal.journal import Journal
from benchmarks.ways.bed import ENVIRONMENT

T = TypeVar("T")
REPOSITORY = Path(__file__).parent.parent
PYTHON = sys.executable
INSTANCES = (
    *("auction-60x300", "binpack-16x7", "cfl-25x40", "intknap-2x10"),
    *("lotsize-8x15", "mkp-20x35", "netload-10x20", "tsp-16"),
)
ROUNDS = 5
BARE, HARNESS, AGAIN = WAYS = "bare", "harness", "bare again"
"""What bare solves differ by among themselves is what this machine can tell at all."""


SOLVE = """
import json, os, sys, time
from pyscipopt import Model
cores, params, file, answer = sys.argv[1:]
os.sched_setaffinity(0, json.loads(cores))
model = Model()
model.setParams(json.loads(params))
model.readProblem(file)
start = time.process_time()
model.optimize()
cpu = time.process_time() - start
effort = [model.getStatus(), model.getNTotalNodes(), model.getNLPIterations()]
with open(answer, "w") as out:
    json.dump([cpu, *effort], out)
"""


class Solve(NamedTuple):
    """CPU seconds of one ``optimize()``, and what it did."""

    cpu_s: float
    status: str | None
    n_nodes: int | None
    n_lp_iterations: int | None


Solves = dict[str, list[Solve]]
"""The solves of each instance, one a round."""


class Bench:
    """Solves instances both ways in folders of its own."""

    def __init__(self, folder: Path, files: Sequence[Path]) -> None:
        """Solve all once under the harness, which is not counted; learn what it sets."""
        self._folder = folder
        self._n = 0
        self._params: Mapping[str, object] = {}
        self.solve(HARNESS, files, 1)

    def solve(self, way: str, files: Sequence[Path], jobs: int) -> dict[str, Solve]:
        """Solve the files, so many at a time, each on a core of its own."""
        self._n += 1
        folder = self._folder / str(self._n)
        folder.mkdir()
        return (self._harness if way == HARNESS else self._bare)(files, jobs, folder)

    def _harness(self, files: Sequence[Path], jobs: int, folder: Path) -> dict[str, Solve]:
        words = ("run", *map(str, files), "--jobs", str(jobs), "--work-dir", str(folder))
        execute((PYTHON, "-m", "bench", *words), folder)
        (work,) = folder.glob("run-*")
        found = {}
        for result in Journal(work).results():
            answer = result.answer
            if answer.solve_cpu_s is None:
                raise SystemExit(f"{result.task.instance.name}: {result.execution.evidence}")
            self._params = answer.params
            effort = answer.status, answer.n_nodes, answer.n_lp_iterations
            found[result.task.instance.name] = Solve(answer.solve_cpu_s, *effort)
        return found

    def _bare(self, files: Sequence[Path], jobs: int, folder: Path) -> dict[str, Solve]:
        free: SimpleQueue[frozenset[int]] = SimpleQueue()
        for place in cpu_slots(jobs):
            free.put(place)

        def solve(file: Path) -> Solve:
            cores, answer = free.get(), folder / f"{file.name}.json"
            told = json.dumps(sorted(cores)), json.dumps(dict(self._params))
            try:
                execute((PYTHON, "-c", SOLVE, *told, str(file), str(answer)), folder)
            finally:
                free.put(cores)
            return Solve(*json.loads(answer.read_text()))

        with ThreadPoolExecutor(jobs) as pool:
            return dict(zip(map(instance_name, files), pool.map(solve, files), strict=True))


def execute(command: Sequence[str], folder: Path) -> None:
    """Execute a command in a folder; stop with what it said where it fails."""
    environment = ENVIRONMENT | {"PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{command} failed:\n{done.stdout[-2000:]}{done.stderr}")


def measure(bench: Bench, files: Sequence[Path], n_rounds: int, jobs: int) -> dict[str, Solves]:
    """Return the solves of all ways. The orders of ways and instances turn each round."""
    found: dict[str, Solves] = {way: defaultdict(list) for way in WAYS}
    for number in range(n_rounds):
        for way in turned(WAYS, number):
            for name, solve in bench.solve(way, turned(files, number), jobs).items():
                found[way][name].append(solve)
    return found


def turned(things: Sequence[T], number: int) -> Sequence[T]:
    """Return the things with another first one."""
    return [*things[number % len(things) :], *things[: number % len(things)]]


def table(found: Mapping[str, Solves]) -> str:
    """Return a line for each instance: median CPU seconds, and ratios of medians and minima."""
    lines = [
        "| instance | bare CPU s | harness / bare | of minima | bare again / bare | of minima |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    rows = []
    for name in found[BARE]:
        bare, *others = (seconds(found[way][name]) for way in WAYS)
        rows.append([of(other) / of(bare) for other in others for of in (statistics.median, min)])
        lines.append(f"| {name} | {statistics.median(bare):.3f} | {cells(rows[-1])} |")
    means = cells(list(map(statistics.geometric_mean, zip(*rows, strict=True))))
    return "\n".join([*lines, f"| geometric mean | | {means} |"])


def cells(ratios: Sequence[float]) -> str:
    """Return ratios as cells of a table."""
    return " | ".join(f"{ratio:.3f}" for ratio in ratios)


def spread(found: Mapping[str, Solves], way: str) -> str:
    """Return the geometric means of the ratios to bare in each round, least first."""
    pairs = [(seconds(found[BARE][name]), seconds(found[way][name])) for name in found[BARE]]
    means = [
        statistics.geometric_mean(other[number] / bare[number] for bare, other in pairs)
        for number in range(len(pairs[0][0]))
    ]
    return f"{way} / bare, geometric mean of each round: " + ", ".join(
        f"{mean:.3f}" for mean in sorted(means)
    )


def seconds(solves: Sequence[Solve]) -> list[float]:
    """Return the CPU seconds."""
    return [solve.cpu_s for solve in solves]


def differences(found: Sequence[Mapping[str, Solves]]) -> list[str]:
    """Return a line for each instance on which not all solves did the same."""
    efforts: defaultdict[str, set[tuple[object, ...]]] = defaultdict(set)
    for ways in found:
        for solves in ways.values():
            for name, several in solves.items():
                efforts[name] |= {solve[1:] for solve in several}
    return [f"{name}: {sorted(map(str, seen))}" for name, seen in efforts.items() if len(seen) > 1]


def say_machine(when: str) -> None:
    """Print cores, versions and load."""
    if when == "before":
        python = platform.python_version()
        print(f"{os.cpu_count()} cores, Python {python}, pyscipopt {version('pyscipopt')}")
    print(f"load average {when}: {' '.join(f'{load:.2f}' for load in os.getloadavg())}", flush=True)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("instances", nargs=-1)
@click.option("--rounds", default=ROUNDS, show_default=True, type=click.IntRange(min=1))
def main(instances: tuple[str, ...], rounds: int) -> None:
    """Compare solves of bundled INSTANCES in a bare process and under the harness."""
    known = {instance_name(path): path for path in (REPOSITORY / "instances").glob("*.*")}
    files = [known[name] for name in instances or INSTANCES]
    say_machine("before")
    found = []
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), files)
        for jobs, title in ((1, "alone"), (2, "two at a time, each on a core of its own")):
            found.append(measure(bench, files, rounds, jobs))
            print(f"\n{title}, {rounds} rounds\n\n{table(found[-1])}\n")
            print("\n".join(spread(found[-1], way) for way in (HARNESS, AGAIN)))
            say_machine("after")
    if different := differences(found):
        raise SystemExit("\nnodes or LP iterations differ:\n" + "\n".join(different))
    print(f"\nstatus, nodes and LP iterations are the same in all solves of {len(files)} instances")


if __name__ == "__main__":
    main()
