"""The cost of verifying solutions: a non-zero's, and its share of a sweep over bundled instances.

::

    python benchmarks/verify.py             both tables (about four minutes)
    python benchmarks/verify.py --limit 5   with a shorter time limit for each solve

The first table is of drawn programs: seconds per 100,000 non-zeros, exact and in doubles. The
second is of all bundled instances, solved by SCIP: what HiGHS needs to read the instance, what the
solution file and the check need, and their share of reading and solving by SCIP. CPU seconds.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pyscipopt

from bench.instances.files import file_format, instance_name
from bench.model.linear_program import Column, LinearProgram, Row
from bench.model.problem import Sense
from bench.model.verification import Verification
from bench.solvers import registry
from bench.verification import exact, solution_file

INSTANCES = Path(__file__).parent.parent / "instances"
N_COLUMNS, N_ROWS, PER_ROW = 20_000, 50_000, 10
TIMES = 3
DRAW = Random(0)  # noqa: S311  no secrets


def _int() -> int:
    return DRAW.randint(1, 99)


def _real() -> float:
    return DRAW.uniform(0, 99)


def _value() -> Fraction:
    return Fraction(f"{_real():.15g}")


KINDS: tuple[tuple[str, float, Callable[[], float], Callable[[], Fraction]], ...] = (
    ("5 % ones, integer coefficients", 0.05, lambda: float(_int()), lambda: Fraction(1)),
    ("10 % fractions, prices", 0.1, lambda: round(_real(), 2), _value),
    ("all fractions, integer coefs.", 1, lambda: float(_int()), _value),
    ("all fractions, 17-digit coefs.", 1, _real, _value),
)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=float, default=20, help="seconds for each solve")
    limit = parser.parse_args().limit
    _silence_readers()
    print(f"{'per 100,000 non-zeros':32} {'exact':>8} {'doubles':>8}")
    for label, density, coefficient, value in KINDS:
        program, solution = _drawn(density, coefficient, value)
        share = 100_000 / program.n_nonzeros
        costs = [share * _cost(program, solution, cap) for cap in (exact.CAP, -1)]
        print(f"{label:32} {costs[0]:7.3f}s {costs[1]:7.3f}s")
    print()
    bundled(limit)


def bundled(limit: float) -> None:
    """Solve and verify every bundled instance."""
    print(f"{'instance':22} {'solve':>9} {'read':>8} {'check':>8} {'share':>7}  level")
    solves = checks = 0.0
    n_verified = 0
    paths = [path for path in sorted(INSTANCES.iterdir()) if file_format(path)]
    with tempfile.TemporaryDirectory() as folder:
        for path in paths:
            solution = Path(folder) / "a.sol"
            solve = _solve(path, solution, limit)
            solves += solve
            if not solution.exists():
                continue
            read, check, found = _verify(path, solution)
            solution.unlink()
            checks += read + check
            n_verified += 1
            print(
                f"{instance_name(path):22} {solve:8.3f}s {1e3 * read:6.1f}ms {1e3 * check:6.1f}ms"
                f" {(read + check) / solve:7.2%}  {found.level}"
            )
    print(
        f"{n_verified} of {len(paths)} verified: {checks:.2f} s, {checks / solves:.2%} of the sweep"
    )


def _solve(path: Path, solution: Path, limit: float) -> float:
    """Return what SCIP needs to read and solve; write its solution if there is one."""
    start = time.process_time()
    model: Any = pyscipopt.Model()
    model.hideOutput()
    model.setParams({"timing/clocktype": 1, "limits/time": limit})
    model.readProblem(str(path))
    model.optimize()
    if model.getNSols() and model.getStatus() not in {"unbounded", "inforunbd"}:
        model.writeBestSol(str(solution))
    model.free()
    return time.process_time() - start


def _verify(path: Path, solution: Path) -> tuple[float, float, Verification]:
    """Return the cost of reading the instance and of the rest, and what was found."""
    start = time.process_time()
    program = registry.load("highs").read(path)
    read = time.process_time()
    found = solution_file.read(solution)
    verification = exact.check(program, found.values, found.objective)
    return read - start, time.process_time() - read, verification


def _drawn(
    density: float, coefficient: Callable[[], float], value: Callable[[], Fraction]
) -> tuple[LinearProgram, dict[str, Fraction]]:
    columns = tuple(Column(f"x{i}", 0, 100, 1, integral=False) for i in range(N_COLUMNS))
    rows = tuple(
        Row(
            f"r{i}",
            tuple(DRAW.sample(range(N_COLUMNS), PER_ROW)),
            tuple(coefficient() for _ in range(PER_ROW)),
            0,
            1e6,
        )
        for i in range(N_ROWS)
    )
    program = LinearProgram(columns=columns, rows=rows, sense=Sense.MINIMIZE)
    return program, {column.name: value() for column in columns if DRAW.random() < density}


def _cost(program: LinearProgram, solution: dict[str, Fraction], cap: int) -> float:
    """Return the CPU seconds of a check, the best of a few."""
    costs = []
    for _ in range(TIMES):
        start = time.process_time()
        exact.check(program, solution, 0.0, cap=cap)
        costs.append(time.process_time() - start)
    return min(costs)


def _silence_readers() -> None:
    """Let this script alone print on stdout."""
    sys.stdout = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    main()
