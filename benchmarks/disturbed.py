"""Compare a setting with itself on a machine that is busy with something else: false claims.

::

    python benchmarks/disturbed.py                     made-up results, 300 comparisons a row
    python benchmarks/disturbed.py --comparisons 50    faster, less sure
    python benchmarks/disturbed.py --real              one real run instead, beside a busy process

Both settings are the same. ``interleaved``: what disturbs hits them alike, as in the order in which
a sweep executes; ``blocked``: all that is disturbed is of the second setting, as when one setting
is executed after the other. Each comparison is concluded twice: as bench does, and as if nobody
knew what was disturbed.

Made-up results: instances' seconds are log-normal (sd of the log 1.8, median 10 s), CPU times
repeat within ``sd``, wall time is CPU time times 1.2 to 3 where disturbed. The last rows are of a
second setting that takes 1.3 times as long: there a claim is right.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from bench import api
from bench.comparison.compare import compare
from bench.comparison.comparison import Comparison
from bench.comparison.options import Options
from bench.comparison.wording.narrative import CLAIMS, conclusion, headline
from bench.execution.host import topology
from bench.execution.host.cores import by_preference

INSTANCES = Path(__file__).parent.parent / "instances"
NOISE = "other processes used 90% of a core"
RIVAL = "import os; os.sched_setaffinity(0, {cpus})\nwhile True: pass"


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of the table."""

    order: str
    share: float
    n_instances: int
    sd: float
    factor: float = 1.0


CELLS = (
    *(
        Cell(order, share, n, sd)
        for order in ("interleaved", "blocked")
        for share in (0.1, 0.3)
        for n in (30, 100)
        for sd in (0.02, 0.4)
    ),
    *(Cell(order, 0.3, 30, 0.4, 1.3) for order in ("interleaved", "blocked")),
)


def made_up(cell: Cell, rng: np.random.Generator) -> pd.DataFrame:
    """Return results of both settings."""
    n = cell.n_instances
    hardness = np.exp(rng.normal(np.log(10), 1.8, n))
    together = rng.random(n) < cell.share
    parts = []
    for name, factor in (("default", 1.0), ("b", cell.factor)):
        cpu = factor * hardness * np.exp(rng.normal(0, cell.sd, n))
        if cell.order == "interleaved":
            disturbed = np.where(rng.random(n) < 0.8, together, rng.random(n) < cell.share)
        else:
            disturbed = (rng.random(n) < cell.share) & (name == "b")
        wall = cpu * np.where(disturbed, rng.uniform(1.2, 3.0, n), 1.0)
        parts.append(
            pd.DataFrame(
                {
                    "instance": [f"i{at}" for at in range(n)],
                    "setting": name,
                    "verdict": "solved",
                    "termination": "normal",
                    "clock": "wall",
                    "solve_time_s": wall,
                    "solve_wall_s": wall,
                    "solve_cpu_s": cpu,
                    "noise": np.where(disturbed, NOISE, ""),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def without_the_rule(comparison: Comparison) -> Comparison:
    """Return the same comparison as if nobody knew what was disturbed."""
    table = comparison.tables[0]
    rows = tuple(
        replace(row, against=row.against and replace(row.against, disturbance=None))
        for row in table.rows
    )
    return replace(comparison, tables=(replace(table, rows=rows), *comparison.tables[1:]))


def claims(cell: Cell, n_comparisons: int) -> tuple[float, float]:
    """Return the shares of comparisons that claim a difference, without and with the rule."""
    rng = np.random.default_rng(1)
    counts = np.zeros(2)
    for _ in range(n_comparisons):
        found = compare(made_up(cell, rng), Options(subsets=("all",), n_resamples=500))
        each = (without_the_rule(found), found)
        counts += [conclusion(one, "b").outcome in CLAIMS for one in each]
    before, after = counts / n_comparisons
    return float(before), float(after)


def simulate(n_comparisons: int) -> None:
    """Print the table."""
    print("| order | disturbed | instances | sd | truth | claims without the rule | with it |")
    print("| --- | ---: | ---: | ---: | --- | ---: | ---: |")
    for cell in CELLS:
        before, after = claims(cell, n_comparisons)
        truth = "equal" if cell.factor == 1 else f"{cell.factor:g} times as long"
        print(
            f"| {cell.order} | {cell.share:.0%} | {cell.n_instances} | {cell.sd:g} | {truth} | "
            f"{before:.1%} | {after:.1%} |",
            flush=True,
        )


@contextmanager
def busy(cpus: frozenset[int]) -> Iterator[None]:
    """Keep these CPUs busy with a process for each."""
    command = [sys.executable, "-c", RIVAL.format(cpus=set(cpus))]
    rivals = [subprocess.Popen(command) for _ in cpus]
    try:
        yield
    finally:
        for rival in rivals:
            rival.kill()
            rival.wait()


def execute(time_limit: float) -> None:
    """Execute SCIP twice on the bundled instances, the second time beside a busy process."""
    core = by_preference(topology.read())[0]
    os.environ["BENCH_LEASE_FOLDER"] = tempfile.mkdtemp()
    frames = []
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name in ("default", "b"):
            with busy(core.cpus if name == "b" else frozenset()):
                campaign = api.run(
                    str(INSTANCES / "quick.test"), setting_name=name, jobs=1, time_limit=time_limit
                )
            frames.append(campaign.frame)
    found = compare(pd.concat(frames, ignore_index=True), Options(subsets=("all",)))
    row = found.tables[0].row("b")
    print(f"disturbed: {[each.disturbed for each in found.tables[0].rows]}, {row.against}")
    print(f"without the rule: {headline(without_the_rule(found))}")
    print(f"with it: {headline(found)}")


def main() -> None:
    """Simulate, or execute."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--comparisons", type=int, default=300)
    parser.add_argument("--real", action="store_true")
    parser.add_argument("--time-limit", type=float, default=60.0)
    arguments = parser.parse_args()
    if arguments.real:
        execute(arguments.time_limit)
    else:
        simulate(arguments.comparisons)


if __name__ == "__main__":
    main()
