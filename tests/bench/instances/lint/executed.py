"""What a solver makes of a small file, by reading and solving it in this process."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bench.errors import BenchError
from bench.instances.files import load
from bench.instances.lint.lp_sections import Reading
from bench.model.limits import Limits
from bench.model.setting import Setting
from bench.model.task import Task
from bench.model.workspace import Workspace
from bench.solvers import registry


def reading(solver: str, path: Path, columns: Iterable[str], optimum: float | None) -> Reading:
    """Return whether a solver reads a file as the problem with these columns and this optimum.

    Without an optimum nothing that it reads is right.
    """
    program = registry.load(solver)
    try:
        names = {column.name for column in program.read(path).columns}
        value = _optimum(solver, path)
    except BenchError:
        return Reading.REFUSED
    is_right = optimum is not None and value is not None and abs(value - optimum) < 1e-6
    return Reading.READ if is_right and names == set(columns) else Reading.MISREAD


def _optimum(solver: str, path: Path) -> float | None:
    task = Task(
        instance=load(path),
        setting=Setting(name="read", solver=solver),
        solver_version="1",
        limits=Limits(time_s=10),
    )
    answer = registry.load(solver).solve(task, Workspace(path.parent))
    return answer.primal_bound if answer.status == "optimal" else None
