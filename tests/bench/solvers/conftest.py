"""Fixtures for the tests of all solvers."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import pytest

from bench.errors import InstanceError
from bench.execution.process.launch import LaunchedTask
from bench.execution.request import ExecutionRequest
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.results.process_stats import Termination
from bench.model.results.solver_output import SolverOutput
from bench.model.setting import Setting
from bench.model.task import Task
from bench.model.workspace import Workspace
from bench.solvers import registry

Solve = Callable[..., SolverOutput]


def a_task(
    solver: str, path: Path, *, seed: int = 0, limits: Limits | None = None, **params: Any
) -> Task:
    """Return a task of the solver on a file; params with ``__`` for ``/``."""
    return Task(
        instance=Instance(name=path.name, path=path, digest="0" * 64),
        setting=Setting(
            name="test",
            solver=solver,
            params={name.replace("__", "/"): value for name, value in params.items()},
        ),
        solver_version="",
        seed=seed,
        limits=limits or Limits(time_s=60),
    )


@pytest.fixture(scope="session")
def make_task() -> Callable[..., Task]:
    """Return the function that makes tasks of any solver."""
    return a_task


@pytest.fixture
def room(tmp_path: Path) -> Workspace:
    """Return an empty workspace."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    return Workspace(folder)


@pytest.fixture
def solve_by(room: Workspace) -> Solve:
    """Return a function that lets a solver solve a file in this process, or in its environment."""

    def solve(solver: str, path: Path, **choices: Any) -> SolverOutput:
        task = a_task(solver, path, **choices)
        if registry.environment(solver) is None:
            return registry.load(solver).solve(task, room)
        return _by_worker(task, room)

    return solve


def _by_worker(task: Task, room: Workspace) -> SolverOutput:
    """Solve as a campaign does; what the solver refuses is raised, as by the solver itself."""
    launched = LaunchedTask(ExecutionRequest(task=task, folder=room.folder, verify=False))
    wait([launched.sentinel])
    outcome = launched.outcome()
    if outcome.execution.termination is Termination.REFUSED:
        raise InstanceError(outcome.answer.error)
    return outcome.answer
