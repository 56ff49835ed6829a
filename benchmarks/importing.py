"""What an import costs a row, with a run a task in MLflow and without.

::

    python benchmarks/importing.py               1,440 rows, twice: two minutes
    python benchmarks/importing.py --rows 200

The rows are made up: two settings, all solved. Each import goes into a SQLite store of its own, as
a process of its own; what is told is the CPU time of that process, all of it and what it takes a
row more than an import of two rows, which costs as much to start. docs/performance.md explains the
table.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random

REPOSITORY = Path(__file__).parent.parent
DRAW = Random(0)  # noqa: S311 - no secrets


def main() -> None:
    """Print a row for each way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1440, help="how many results")
    n_rows = parser.parse_args().rows
    print(f"load average {os.getloadavg()[0]:.1f} before")
    print(f"| tasks in MLflow | CPU s for {n_rows} rows | CPU ms a row | runs |")
    print("| --- | ---: | ---: | ---: |")
    for in_mlflow in ("yes", "no"):
        few_s, many_s = (_cpu_s(n, in_mlflow) for n in (2, n_rows))
        a_row_ms = 1000 * (many_s - few_s) / (n_rows - 2)
        n_runs = 3 + (n_rows if in_mlflow == "yes" else 0)
        print(f"| {in_mlflow} | {many_s:.1f} | {a_row_ms:.1f} | {n_runs} |", flush=True)


def _cpu_s(n_rows: int, in_mlflow: str) -> float:
    """Return the CPU seconds of an import into a new store."""
    with tempfile.TemporaryDirectory(prefix="bench-importing-") as name:
        folder = Path(name)
        lines = [
            f"i{at // 2},{'ab'[at % 2]},{60 * DRAW.random():.2f},ok,60" for at in range(n_rows)
        ]
        table = "\n".join(["instance,setting,time,status,time_limit", *lines])
        (folder / "t.csv").write_text(table + "\n")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = ["import", "t.csv", "--tasks-in-mlflow", in_mlflow]
        subprocess.run(
            [sys.executable, "-m", "bench", *command, "--tracking-uri", f"sqlite:///{folder}/m.db"],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(REPOSITORY), "MLFLOW_DISABLE_TELEMETRY": "true"},
            capture_output=True,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
