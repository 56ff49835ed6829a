"""Every real solver in turn, executed as campaigns do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import pytest

from bench.errors import SolverError
from bench.execution.process.launch import LaunchedTask
from bench.execution.request import ExecutionRequest
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.results.result import Outcome
from bench.model.setting import Setting
from bench.model.task import Task
from bench.solvers.commercial.wheels import WHEELS
from bench.solvers.environments import environment, make
from tests.executables import FOUND, add_all

Launch = Callable[..., LaunchedTask]
Solve = Callable[..., Outcome]
IN_EACH_RUN = "gurobi"
"""The commercial solver of `make test`; `make soak` has the others."""
COMMERCIAL = [
    pytest.param(name, marks=() if name == IN_EACH_RUN else pytest.mark.soak) for name in WHEELS
]


class Added:
    """A folder with solvers that are added when they are first asked for."""

    def __init__(self, folder: Path) -> None:
        """Have the executables that are here; ``missing`` tells why others are not."""
        self.folder = folder
        self._environments = environment.root()
        self._asked: set[str] = set()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(environment.VARIABLE, str(folder))
            self.missing = add_all(folder)

    def add_commercial(self, name: str) -> None:
        """Have a commercial solver, whose environment all tests share."""
        if name in self._asked:
            return
        self._asked.add(name)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(environment.VARIABLE, str(self._environments))
            try:
                make.add_version(name, lambda _: None)
            except SolverError as error:
                self.missing[name] = f"{name} cannot be had here: {error}"
                return
        (self.folder / name).symlink_to(self._environments / name)


@pytest.fixture(scope="session")
def added(tmp_path_factory: pytest.TempPathFactory) -> Added:
    """Return the solvers that are added for these tests."""
    return Added(tmp_path_factory.mktemp("executables"))


@pytest.fixture
def executables(added: Added, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """Let the executables be the solvers that were added; return why some are not there."""
    monkeypatch.setenv(environment.VARIABLE, str(added.folder))
    return added.missing


@pytest.fixture(params=["scip", "highs", *FOUND, *COMMERCIAL])
def solver(request: pytest.FixtureRequest, executables: Mapping[str, str], added: Added) -> str:
    """Return the name of each solver in turn; skip one that is not here, with the reason."""
    return _here(str(request.param), executables, added)


@pytest.fixture(params=[*FOUND, *COMMERCIAL])
def added_solver(
    request: pytest.FixtureRequest, executables: Mapping[str, str], added: Added
) -> str:
    """Return the name of each solver but SCIP and HiGHS in turn."""
    return _here(str(request.param), executables, added)


def _here(name: str, missing: Mapping[str, str], added: Added) -> str:
    if name in WHEELS:
        added.add_commercial(name)
    if name in missing:
        pytest.skip(missing[name])
    return name


@pytest.fixture
def commercial(executables: Mapping[str, str], added: Added) -> Sequence[str]:
    """Return the names of all commercial solvers that can be had here."""
    for name in WHEELS:
        added.add_commercial(name)
    return [name for name in WHEELS if name not in executables]


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
            start=values.pop("start", None),
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
