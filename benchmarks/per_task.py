"""Overhead per task: the wall time of a task outside the solver's own solve.

::

    python benchmarks/per_task.py                                a table, in about three minutes
    python benchmarks/per_task.py --rivals OTHER_VENV/bin        runexec and Lab from there

Every way solves the same tiny model with the same SCIP library, in turns, and leaves SCIP's
statistics as JSON; what SCIP says there of its solving time (wall clock) is taken off. Rivals that
are not installed are left out, which is said. docs/performance.md explains the table.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.execution.host.linux import adopt_orphans
from benchmarks.ways import ours, rivals
from benchmarks.ways.bed import PYTHON, Bed, Row, Rows

ROUNDS = 5
VERSIONS = ("pyscipopt", "mlflow", "benchexec", "lab")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--tasks", type=int, default=50, help="solves of every way [50]")
    parser.add_argument("--runs-mlflow", type=int, default=3, help="solves by mlflow run [3]")
    parser.add_argument("--runs-lab", type=int, default=5, help="runs of a Lab experiment [5]")
    parser.add_argument("--sweep-tasks", type=int, default=0, help="also a command of so many")
    parser.add_argument("--rivals", type=Path, default=PYTHON.parent, help="with runexec, python")
    given = parser.parse_args()
    given.rivals = given.rivals.absolute()
    adopt_orphans()
    say_machine("before")
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(Bed(Path(folder)), given)
    say_machine("after")
    print_table(rows)


def measure(bed: Bed, given: argparse.Namespace) -> Rows:
    """Measure all ways in turns; the store is created before, and that is not counted."""
    rows = Rows()
    ours.whole(bed, 1)
    solo = [rivals.SHELL, rivals.PYSCIPOPT]
    try:
        solo.append(rivals.runexec(given.rivals))
    except rivals.MissingError as reason:
        print(f"left out: {reason}")
    for number in range(ROUNDS):
        each = max(2, given.tasks // ROUNDS)
        ours.steady(bed, rows, each)
        ours.elsewhere(bed, rows, each)
        ours.executable(bed, rows, each)
        for _ in range(each):
            for rival in solo:
                rival.measure(bed, rows)
        for rival in rivals.MLFLOW[: 2 * (number < given.runs_mlflow)]:
            rival.measure(bed, rows)
        ours.steady(bed, rows, given.tasks, jobs=2)
        for jobs in (1, 2):
            ours.commands(bed, rows, given.tasks, jobs)
    if given.sweep_tasks:
        for jobs in (1, 2):
            ours.commands(bed, rows, given.sweep_tasks, jobs)
    try:
        rivals.lab(bed, rows, given.rivals, given.runs_lab)
    except rivals.MissingError as reason:
        print(f"left out: {reason}")
    return rows


def say_machine(when: str) -> None:
    """Print cores, versions and load."""
    if when == "before":
        found = [f"{name} {version}" for name in VERSIONS if (version := version_of(name))]
        print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {', '.join(found)}")
    print(f"load average {when}: {' '.join(f'{load:.2f}' for load in os.getloadavg())}")


def version_of(name: str) -> str | None:
    """Return the version of an installed package."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def print_table(rows: Rows) -> None:
    """Print a Markdown table: milliseconds and the ratio to our median."""
    unit = statistics.median(rows[ours.OURS].overheads)
    print("\n| way | n | median ms | quartiles ms | ratio | CPU ms |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, row in rows.items():
        print(f"| {name} | {len(row.overheads)} | {' | '.join(columns(row, unit))} |")


def columns(row: Row, unit: float) -> tuple[str, str, str, str]:
    """Return median, quartiles, ratio and CPU of a row as text."""
    median, spread = statistics.median(row.overheads), ""
    if len(row.overheads) > 2:
        low, _, high = statistics.quantiles(row.overheads)
        spread = f"{1000 * low:.1f} - {1000 * high:.1f}"
    cpu = f"{1000 * statistics.median(row.cpu):.0f}" if row.cpu else ""
    return f"{1000 * median:.1f}", spread, f"{median / unit:.2f}", cpu


if __name__ == "__main__":
    main()
