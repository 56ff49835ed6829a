"""How long one short solve takes by each way: until its table, and until the prompt is back.

::

    python benchmarks/answer_first.py                          two minutes
    python benchmarks/answer_first.py --rivals OTHER_VENV/bin  with BenchExec's runexec from there

Every way solves the same tiny model with the same SCIP library, in turns, and leaves SCIP's
statistics as JSON; what SCIP says there of its solving time (wall clock) is taken off. Rivals that
are not installed are left out, which is said. docs/performance.md explains the table.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.execution.host.linux import adopt_orphans
from benchmarks.per_task import say_machine
from benchmarks.ways import rivals
from benchmarks.ways.bed import ENVIRONMENT, PYTHON, Bed, cpu_of_children, solve_s, words

RECORDED = "bench run"
UNRECORDED = "bench run --no-mlflow"
Command = Callable[[Path, Path], list[str]]
"""Returns the command for a model, in a folder."""


@dataclass(slots=True)
class Times:
    """Seconds beside the solve until the first line was printed, and until the end; CPU seconds."""

    table_s: list[float] = field(default_factory=list)
    whole_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)


def main() -> None:
    """Measure all ways in turns, and print a row for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=10, help="solves of every way [10]")
    parser.add_argument("--rounds-mlflow", type=int, default=3, help="solves by mlflow run [3]")
    parser.add_argument("--rivals", type=Path, default=PYTHON.parent, help="with runexec")
    given = parser.parse_args()
    adopt_orphans()
    ways: dict[str, Command] = {
        RECORDED: lambda model, _: _bench(model),
        UNRECORDED: lambda model, _: [*_bench(model), "--no-mlflow"],
        rivals.SHELL.name: rivals.SHELL.command,
        rivals.PYSCIPOPT.name: rivals.PYSCIPOPT.command,
    }
    try:
        runexec = rivals.runexec(given.rivals.absolute())
        ways[runexec.name] = runexec.command
    except rivals.MissingError as reason:
        print(f"left out: {reason}")
    say_machine("before")
    times: defaultdict[str, Times] = defaultdict(Times)
    with tempfile.TemporaryDirectory() as name:
        bed = Bed(Path(name))
        for way in (RECORDED, UNRECORDED):  # makes store and caches
            _measure(bed, way, ways[way], Times())
        for number in range(given.rounds):
            for way, command in ways.items():
                _measure(bed, way, command, times[way])
            if number < given.rounds_mlflow:
                for rival in rivals.MLFLOW:
                    _measure(bed, rival.name, rival.command, times[rival.name])
    say_machine("after")
    _print(times)


def _bench(model: Path) -> list[str]:
    return words(PYTHON, "-m", "bench", "run", model)


def _measure(bed: Bed, way: str, command: Command, times: Times) -> None:
    """Execute a command once; its first line on standard output is where its table begins."""
    folder = bed.new()
    cpu, start, first_s = cpu_of_children(), time.perf_counter(), None
    with (folder / "errors").open("w+") as errors:
        process = subprocess.Popen(
            command(bed.model, folder),
            cwd=folder,
            env=ENVIRONMENT
            | {
                "PYTHONPATH": str(rivals.ROOT),
                "MLFLOW_TRACKING_URI": f"sqlite:///{bed.database}",
                "BENCH_WORK_DIR": str(folder / "work"),
                "BENCH_LEASE_FOLDER": str(bed.database.with_name("leases")),
            },
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        for _ in process.stdout or ():
            first_s = first_s or time.perf_counter() - start
        code = process.wait()
        whole_s = time.perf_counter() - start
        if code:
            errors.seek(0)
            raise SystemExit(f"{way} failed:\n{errors.read()}")
    work = folder / "work"  # bench keeps a copy elsewhere, as an artifact
    solve = solve_s(work if work.is_dir() else folder)
    times.table_s.append((first_s or whole_s) - solve)
    times.whole_s.append(whole_s - solve)
    times.cpu_s.append(cpu_of_children() - cpu)


def _print(times: dict[str, Times]) -> None:
    unit = statistics.median(times[UNRECORDED].whole_s)
    print("| way | n | table s, median (least) | whole s, median (least) | ratio | CPU s |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for way, one in times.items():
        table, whole = _median_and_least(one.table_s), _median_and_least(one.whole_s)
        ratio = statistics.median(one.whole_s) / unit
        shown = table if way in {RECORDED, UNRECORDED} else ""
        cpu = statistics.median(one.cpu_s)
        print(f"| {way} | {len(one.whole_s)} | {shown} | {whole} | {ratio:.2f} | {cpu:.2f} |")


def _median_and_least(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} ({min(seconds):.2f})"


if __name__ == "__main__":
    main()
