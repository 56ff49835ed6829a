"""Every real solver in turn, executed as campaigns do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import pytest

from bench.execution.process.launch import LaunchedTask
from bench.execution.process.request import ExecutionRequest
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.results.result import Outcome
from bench.model.setting import Setting
from bench.model.task import Task
from bench.solvers.environments import environment
from tests.executables import FOUND, add_all

Launch = Callable[..., LaunchedTask]
Solve = Callable[..., Outcome]


@pytest.fixture(scope="session")
def added(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mapping[str, str]]:
    """Return a folder in which all executables are added, and why some are not."""
    folder = tmp_path_factory.mktemp("executables")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(environment.VARIABLE, str(folder))
        return folder, add_all(folder)


@pytest.fixture
def executables(
    added: tuple[Path, Mapping[str, str]], monkeypatch: pytest.MonkeyPatch
) -> Mapping[str, str]:
    """Let the executables be the solvers that were added; return why some are not there."""
    folder, missing = added
    monkeypatch.setenv(environment.VARIABLE, str(folder))
    return missing


@pytest.fixture(params=["scip", "highs", *FOUND])
def solver(request: pytest.FixtureRequest, executables: Mapping[str, str]) -> str:
    """Return the name of each solver in turn; skip one that is not here, with the reason."""
    name = str(request.param)
    if name in executables:
        pytest.skip(executables[name])
    return name


@pytest.fixture(params=FOUND)
def program(request: pytest.FixtureRequest, executables: Mapping[str, str]) -> str:
    """Return the name of each executable in turn; skip one that is not here, with the reason."""
    name = str(request.param)
    if name in executables:
        pytest.skip(executables[name])
    return name


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launch]:
    """Return a function that starts a solver on a file; what still goes on at the end is ended."""
    started: list[LaunchedTask] = []

    def start(solver: str, path: Path, *, seed: int = 0, **values: Any) -> LaunchedTask:
        limits = values.pop("limits", None) or Limits(time_s=60)
        task = Task(
            instance=Instance(name=path.name, path=path, digest="0" * 64),
            setting=Setting(name="test", solver=solver, params=values.pop("params", {})),
            solver_version="",
            seed=seed,
            limits=limits,
        )
        request = ExecutionRequest(task=task, folder=tmp_path / f"task{len(started)}")
        started.append(LaunchedTask(request))
        return started[-1]

    yield start
    for each in started:
        each.stop()
        each.wait()


@pytest.fixture
def outcome_of() -> Callable[[LaunchedTask], Outcome]:
    """Return a function that waits until a task has ended, and its solution is checked."""

    def ended(launched: LaunchedTask) -> Outcome:
        wait([launched.sentinel])
        while launched.goes_on():
            wait([launched.sentinel])
        return launched.outcome()

    return ended


@pytest.fixture
def solve(launch: Launch, outcome_of: Callable[[LaunchedTask], Outcome]) -> Solve:
    """Return a function that lets a solver solve a file."""
    return lambda solver, path, **values: outcome_of(launch(solver, path, **values))
