"""The reference solve: one small problem that every worker solves when it starts.

The problem, the solver and the settings are the same everywhere. Therefore its CPU time shows how
fast a machine is, and the variation of its wall times shows how noisy it is.
"""

from __future__ import annotations

import hashlib
import statistics
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.errors import BenchError
from bench.execution.local import LocalExecutor
from bench.execution.protocol import ExecutorConfig, execute_tasks
from bench.instances.generators.families import generate
from bench.instances.generators.linear_model import to_mps
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.results.result import Outcome
from bench.model.setting import Setting
from bench.model.task import Task
from bench.solvers import registry

N_SOLVES = 3
SOLVER = "highs"
FAMILY, SIZES, SEED = (
    "multidimensional_knapsack",
    {"resources": 5, "items": 24, "tightness": 50},
    1,
)
LIMITS = Limits(time_s=20.0, memory_mib=1000.0, grace_s=1.0, threads=1)
"""It takes 0.1 s on a processor of 2024."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceSolve:
    """The results of the reference solves: CPU seconds (median), and the spread of the wall times.

    The spread is how much longer the slowest took than the fastest: 0.1 is 10 %.
    """

    solver: str
    cpu_s: float
    spread: float


def solve(cpus: frozenset[int]) -> ReferenceSolve | None:
    """Solve the reference problem on these CPUs; None if this machine cannot."""
    try:
        version = registry.load(SOLVER).version()
        with TemporaryDirectory(prefix="bench-reference-") as folder:
            outcomes = _solved(Path(folder), version, cpus)
    except (BenchError, OSError):
        return None
    times = [(one.answer.solve_cpu_s, one.answer.solve_wall_s) for one in outcomes]
    known = [(cpu_s, wall_s) for cpu_s, wall_s in times if cpu_s and wall_s]
    if len(known) < N_SOLVES:
        return None
    walls = [wall_s for _, wall_s in known]
    return ReferenceSolve(
        solver=f"{SOLVER} {version}",
        cpu_s=statistics.median(cpu_s for cpu_s, _ in known),
        spread=max(walls) / min(walls) - 1,
    )


def _solved(folder: Path, version: str, cpus: frozenset[int]) -> list[Outcome]:
    content = to_mps(generate(FAMILY, SIZES, SEED)).encode()
    path = folder / "reference.mps"
    path.write_bytes(content)
    instance = Instance(name="reference", path=path, digest=hashlib.sha256(content).hexdigest())
    tasks = [
        Task(
            instance=instance,
            setting=Setting(name=f"solve {number}", solver=SOLVER, params={"threads": 1}),
            solver_version=version,
            limits=LIMITS,
        )
        for number in range(N_SOLVES)
    ]
    config = ExecutorConfig(folder=folder / "tasks", cpu_slots=(cpus,), verify=False)
    return list(execute_tasks(LocalExecutor(config), tasks))
