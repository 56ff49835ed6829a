"""How many bytes a task leaves in the work folder, as artifacts, and in MLflow's database.

::

    python benchmarks/sizes.py                 20 and 200 tiny tasks: two minutes
    python benchmarks/sizes.py --tasks 1000

Two sweeps of the same tiny model with SCIP, each into a SQLite store of its own. What the larger
one has more, divided by the tasks that it has more, is what a task takes; the rest is there once.
A file takes whole blocks of the file system: that is the second column. docs/performance.md
explains the table.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.execution.host.linux import adopt_orphans
from benchmarks.per_task import say_machine
from benchmarks.ways.bed import PYTHON, Bed, words

KIB = 1024
BLOCK = 512
"""Bytes of what `os.stat_result.st_blocks` counts."""
GOAL_KIB = 20
N_FEW = 20
SETTINGS = "limits/nodes=1000,2000"
SEEDS = 2
PLACES = ("work folder", "artifacts", "database")


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes as files say that they have them, and those that they take on the disk."""

    apparent: int
    on_disk: int


def main() -> None:
    """Print a row for each place."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--tasks", type=int, default=200, help="of the larger sweep [200]")
    n_many = parser.parse_args().tasks
    adopt_orphans()
    say_machine("before")
    few, many = (_sizes(n) for n in (N_FEW, n_many))
    print("| place | KiB a task | on disk | goal | once, KiB |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for place in PLACES:
        apparent = (many[place].apparent - few[place].apparent) / (n_many - N_FEW) / KIB
        on_disk = (many[place].on_disk - few[place].on_disk) / (n_many - N_FEW) / KIB
        once = few[place].apparent / KIB - apparent * N_FEW
        print(f"| {place} | {apparent:.1f} | {on_disk:.1f} | {GOAL_KIB} | {once:.0f} |")


def _sizes(n_tasks: int) -> dict[str, Size]:
    """Execute a sweep of so many tasks, and return what it has left."""
    with tempfile.TemporaryDirectory(prefix="bench-sizes-") as name:
        bed = Bed(Path(name))
        models = bed.copies(n_tasks // (2 * SEEDS))
        for at, file in enumerate(sorted(models.iterdir())):
            file.write_text(f"\\ copy {at}\n{file.read_text()}")
        folder = bed.new()
        sweep = ("sweep", models, "--name", "sizes", "-p", SETTINGS, "--seeds", str(SEEDS))
        alone = ("--if-cores-taken", "share")  # no time is measured
        bed.execute(words(PYTHON, "-m", "bench", *sweep, *alone), folder)
        _check_recorded(bed.database, n_tasks)
        return {
            "work folder": _size_of((folder / "work").rglob("*")),
            "artifacts": _size_of((folder / "mlruns").rglob("*")),
            "database": _size_of([bed.database]),
        }


def _check_recorded(database: Path, n_tasks: int) -> None:
    """End with an error unless MLflow has a run of each task; write its journal into the file."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
        query = "select count(distinct run_uuid) from tags where key = 'mlflow.parentRunId'"
        n_runs = connection.execute(query).fetchone()[0]
    if n_runs < n_tasks:
        raise SystemExit(f"MLflow has {n_runs} runs of {n_tasks} tasks")


def _size_of(paths: Iterable[Path]) -> Size:
    """Return the size of files, with that of folders; a file with several names counts once."""
    found = {(stat.st_dev, stat.st_ino): stat for stat in map(os.lstat, paths)}
    return Size(
        apparent=sum(stat.st_size for stat in found.values()),
        on_disk=sum(stat.st_blocks * BLOCK for stat in found.values()),
    )


if __name__ == "__main__":
    main()
