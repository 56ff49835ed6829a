"""How long the lint of a large MPS file takes, beside SCIP's and HiGHS's own reading of it.

::

    python benchmarks/lint.py                   a million entries, half a minute
    python benchmarks/lint.py --columns 5000

The file is made up: 20 entries in each column, all integral. Everything is measured in this
process and those that it forks, in turns; docs/performance.md explains the table.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.execution.compare_readers import examine
from bench.solvers.captured_output import captured_output
from bench.solvers.highs import reading as highs
from benchmarks.ways.bed import cpu_of_children

ROUNDS = 3
ENTRIES = 20
DRAW = Random(1)  # noqa: S311 - no secrets


def main() -> None:
    """Print a row for each way."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--columns", type=int, default=48_000, help="how many columns [48000]")
    n_columns = parser.parse_args().columns
    gc.disable()  # as in the process that lints
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.mps"
        path.write_text(_model(n_columns))
        ways: dict[str, Callable[[], object]] = {
            "SCIP reads": lambda: _scip_reads(path),
            "HiGHS reads": lambda: highs.read(highs.new(), path),
            "lint": lambda: examine(path),
        }
        print(f"{path.stat().st_size / 2**20:.0f} MiB, {n_columns * ENTRIES} entries")
        print(f"load average {os.getloadavg()[0]:.1f} before")
        wall, cpu = _measured(ways)
    print(f"load average {os.getloadavg()[0]:.1f} after")
    print("| way | wall s, median (least) | ratio of the least | CPU s |")
    print("| --- | ---: | ---: | ---: |")
    for way, seconds in wall.items():
        ratio = min(seconds) / min(wall["SCIP reads"])
        times = f"{statistics.median(seconds):.2f} ({min(seconds):.2f})"
        print(f"| {way} | {times} | {ratio:.2f} | {min(cpu[way]):.2f} |")


def _measured(
    ways: dict[str, Callable[[], object]],
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Return wall and CPU seconds of each way in each round."""
    wall: dict[str, list[float]] = {way: [] for way in ways}
    cpu: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, call in ways.items():
            before = time.process_time() + cpu_of_children(), time.perf_counter()
            with captured_output():
                call()
            cpu[way].append(time.process_time() + cpu_of_children() - before[0])
            wall[way].append(time.perf_counter() - before[1])
    return wall, cpu


def _scip_reads(path: Path) -> None:
    from pyscipopt import Model  # noqa: PLC0415 - after the processes that are forked

    model = Model()
    model.hideOutput()
    model.readProblem(str(path))
    model.free()


def _model(n_columns: int) -> str:
    rows = [f"row{at:06d}" for at in range(max(ENTRIES, n_columns // 4))]
    lines = ["NAME large", "ROWS", " N obj", *(f" L {row}" for row in rows), "COLUMNS"]
    lines.append(" MARKER 'MARKER' 'INTORG'")
    for at in range(n_columns):
        entries = [("obj", -DRAW.randint(1, 99))]
        entries += [(row, DRAW.randint(1, 50)) for row in DRAW.sample(rows, ENTRIES - 1)]
        for one, other in zip(entries[::2], entries[1::2], strict=True):
            lines.append(f"    x{at:07d}  {one[0]:10} {one[1]:12}   {other[0]:10} {other[1]:12}")
    lines += [" MARKER 'MARKER' 'INTEND'", "RHS", *(f" rhs {row} 1000" for row in rows)]
    lines += ["BOUNDS", *(f" UP bnd x{at:07d} 1" for at in range(n_columns)), "ENDATA", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
