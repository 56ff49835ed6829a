"""The cost of verifying solutions: a non-zero's, and its share of a sweep over bundled instances.

::

    python benchmarks/verify.py                   both tables (about six minutes)
    python benchmarks/verify.py --limit 5         with a shorter time limit for each solve
    python benchmarks/verify.py --solver highs    solutions of HiGHS, checked as SCIP reads

The first table is of drawn programs: seconds per 100,000 non-zeros, exact and in doubles. The
second is of all bundled instances as `bench sweep` executes them, each once with the check and
once without: what the task's processes beside the solver's use more, and its share of what the
solver's uses. CPU seconds; the kernel tells them in hundredths here.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from random import Random

import psutil

from bench.execution.local import LocalExecutor
from bench.execution.process.fork_servers import fork_server
from bench.execution.protocol import ExecutorConfig, execute_tasks
from bench.instances.files import find
from bench.model.instances.linear_program import Column, LinearProgram, Row
from bench.model.instances.problem import Sense
from bench.model.limits import Limits
from bench.model.results.result import Outcome
from bench.model.setting import Setting
from bench.model.task import Task
from bench.solvers import registry
from bench.verification import exact

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
    parser.add_argument("--solver", default="scip", help="who solves")
    options = parser.parse_args()
    print(f"{'per 100,000 non-zeros':32} {'exact':>8} {'doubles':>8}")
    for label, density, coefficient, value in KINDS:
        program, solution = _drawn(density, coefficient, value)
        share = 100_000 / program.n_nonzeros
        costs = [share * _cost(program, solution, cap) for cap in (exact.CAP, -1)]
        print(f"{label:32} {costs[0]:7.3f}s {costs[1]:7.3f}s")
    print()
    bundled(options.solver, options.limit)


def bundled(solver: str, limit: float) -> None:
    """Execute every bundled instance with and without the check of its solution."""
    loaded = registry.load(solver)
    fork_server.prepare([fork_server.PRELOAD_READERS, loaded.preload])
    tasks = [
        Task(
            instance=instance,
            setting=Setting(name=solver, solver=solver),
            solver_version=loaded.version(),
            limits=Limits(time_s=limit),
        )
        for instance in find([str(INSTANCES)])
    ]
    print(f"{'instance':22} {'non-zeros':>9} {'solve':>9} {'check':>8} {'share':>7}  level")
    total = _Cost()
    with tempfile.TemporaryDirectory() as folder:
        for task in tasks:
            cost = _cost_of_check(task, Path(folder))
            total = total + cost
            print(f"{task.instance.name:22} {cost}")
    print(f"{'all':22} {total}")
    per = 1e5 * total.check_s / total.n_nonzeros
    print(f"{total.n_verified} of {len(tasks)} verified; {per:.3f} s for 100,000 non-zeros")
    print(
        f"CPU of the checks / CPU of the solves: {total.check_s / total.solve_s:.4f} (most: 0.05)"
    )


@dataclass(frozen=True, slots=True)
class _Cost:
    """CPU seconds of a solve and of what the check of its solution adds."""

    n_nonzeros: int = 0
    solve_s: float = 0.0
    check_s: float = 0.0
    n_verified: int = 0
    level: str = ""

    def __add__(self, other: _Cost) -> _Cost:
        return _Cost(
            self.n_nonzeros + other.n_nonzeros,
            self.solve_s + other.solve_s,
            self.check_s + other.check_s,
            self.n_verified + other.n_verified,
        )

    def __str__(self) -> str:
        return (
            f"{self.n_nonzeros:9} {self.solve_s:8.3f}s {1e3 * self.check_s:6.0f}ms"
            f" {self.check_s / self.solve_s:7.2%}  {self.level}"
        )


def _cost_of_check(task: Task, folder: Path) -> _Cost:
    """Execute a task with and without the check; the difference is what the check costs."""
    _, plain_s = _executed(task, folder, verify=False)
    outcome, checked_s = _executed(task, folder, verify=True)
    found, problem = outcome.verification, outcome.answer.problem
    return _Cost(
        n_nonzeros=(problem.n_nonzeros if problem else None) or 0,
        solve_s=outcome.execution.cpu_s or 0.0,
        check_s=checked_s - plain_s,
        n_verified=int(found is not None and found.skipped is None),
        level=(found.skipped or found.level) if found else "",
    )


def _executed(task: Task, folder: Path, *, verify: bool) -> tuple[Outcome, float]:
    """Execute a task; return the CPU seconds beside the solver's process as well."""
    before = _tasks_cpu_s()
    (outcome,) = execute_tasks(LocalExecutor(ExecutorConfig(folder=folder, verify=verify)), [task])
    return outcome, _tasks_cpu_s() - before - (outcome.execution.cpu_s or 0.0)


def _tasks_cpu_s() -> float:
    """Return the CPU seconds of all tasks that have ended below the fork server, to a hundredth."""
    servers = psutil.Process().children()
    times = [server.cpu_times() for server in servers if "forkserver" in str(server.cmdline())]
    return sum(each.children_user + each.children_system for each in times)


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


if __name__ == "__main__":
    main()
