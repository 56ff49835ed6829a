"""Check a solver: solve bundled instances as tasks of a sweep, and compare with known values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.execution import registry as executors
from bench.execution.process.fork_servers import fork_server
from bench.execution.protocol import ExecutorConfig, execute_tasks
from bench.instances.files import load
from bench.instances.generators.bundle import write_bundle
from bench.model.instances.reference import Known, Reference
from bench.model.limits import Limits
from bench.model.results.result import Outcome
from bench.model.results.verdict import Verdict
from bench.model.setting import Setting
from bench.model.task import Task
from bench.solvers import registry
from bench.verification.judge import judge

KNOWN = {
    "gap-4x24.mps.gz": Reference(Known.OPTIMAL, 1565.0),
    "intknap-2x10.lp": Reference(Known.OPTIMAL, 629.0),
    "lotsize-6x15.mps.gz": Reference(Known.OPTIMAL, 36845.0),
    "mkp-5x40.lp": Reference(Known.OPTIMAL, 17487.0),
    "msplit-3x20.lp": Reference(Known.INFEASIBLE),
    "netdes-12x50.mps.gz": Reference(Known.OPTIMAL, 15759.0),
}
"""Bundled instances that take a solver seconds, and their known values."""
LIMITS = Limits(time_s=300.0, gap=0.0)


@dataclass(frozen=True, slots=True)
class Checked:
    """The check on one instance: the outcome, its verdict, and the known value."""

    outcome: Outcome
    verdict: Verdict
    reference: Reference


def check_solver(name: str) -> Iterator[Checked]:
    """Yield the check on each instance; the solver has its own process, limits and checks.

    Raise UsageError for an unknown solver, SolverError for one that cannot be used.
    """
    solver = registry.load(name)
    with TemporaryDirectory(prefix="bench-check-") as folder:
        tasks = [
            Task(
                instance=load(path),
                setting=Setting(name="check", solver=name),
                solver_version=solver.version(),
                limits=LIMITS,
            )
            for path in write_bundle(Path(folder), KNOWN)
        ]
        fork_server.prepare([fork_server.PRELOAD_READERS, solver.preload])
        config = ExecutorConfig(folder=Path(folder) / "tasks")
        for outcome in execute_tasks(executors.create(executors.LOCAL, config), tasks):
            reference = KNOWN[outcome.task.instance.path.name]
            verdict = judge(outcome.answer, outcome.execution, reference, outcome.verification)
            yield Checked(outcome, verdict, reference)
