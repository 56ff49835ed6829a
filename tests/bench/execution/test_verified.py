"""Solutions of executed tasks: each is held against its instance by another program."""

from __future__ import annotations

import os
import signal
from multiprocessing.connection import wait
from pathlib import Path

import psutil
import pytest

from bench.errors import MachineError
from bench.execution.in_process import InProcessExecutor
from bench.execution.local import LocalExecutor
from bench.execution.process.launch import LaunchedTask
from bench.execution.protocol import ANYWHERE, ExecutorConfig, execute_tasks
from bench.execution.request import ExecutionRequest
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.results.verification import Level, Quantity
from bench.model.setting import ParameterValue, Setting
from bench.model.task import Task
from bench.model.workspace import Workspace
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("fork_server")


def task(path: Path, solver: str, **params: ParameterValue) -> Task:
    """Return a task."""
    return Task(
        instance=Instance(name=path.stem, path=path, digest="0" * 64),
        setting=Setting(name="test", solver=solver, params=params),
        solver_version="1",
        limits=Limits(time_s=20),
    )


@pytest.fixture
def endless(tmp_path: Path) -> Task:
    """Return a task whose answer is there at once and whose instance can never be read."""
    path = tmp_path / "pipe.mps"
    os.mkfifo(path)
    return task(path, "fake", solution="a=1 c=1", value=-8.0)


@pytest.fixture
def checking(tmp_path: Path, endless: Task) -> tuple[LaunchedTask, psutil.Process]:
    """Return a task whose solver has ended and whose check is going on, and its verifier."""
    before = set(psutil.Process().children(recursive=True))
    launched = LaunchedTask(ExecutionRequest(task=endless, folder=tmp_path / "task"))
    until((tmp_path / "task" / "supervisorreport.json").exists)
    until(lambda: len(_new(before)) == 2)
    ours = {process.pid: process for process in _new(before)}
    (verifier,) = (process for process in ours.values() if process.ppid() in ours)
    return launched, verifier


def _new(before: set[psutil.Process]) -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True)) - before


@pytest.mark.parametrize(("solver", "reader"), [("scip", "highs"), ("highs", "scip")])
@pytest.mark.parametrize("name", ["gap-5x20.lp", "lotsize-6x15.mps.gz"])
def test_what_a_solver_finds_is_checked_by_the_other(
    tmp_path: Path, root: Path, solver: str, reader: str, name: str
) -> None:
    """To a solver's tolerance or better; the file says the same."""
    path = root / "instances" / name
    (outcome,) = execute_tasks(
        LocalExecutor(ExecutorConfig(folder=tmp_path / "tasks")), [task(path, solver)]
    )
    found = outcome.verification
    assert found is not None
    assert found.level in {Level.CLAIMED, Level.SOLVER}
    assert (found.reader, found.independent, found.exact) == (reader, True, True)
    assert found.objective == pytest.approx(outcome.answer.primal_bound)
    assert f'"level": "{found.level}"' in Workspace(outcome.folder).verification.read_text()


@pytest.mark.parametrize("in_process", [True, False])
def test_a_solution_that_is_none_is_found_out(
    tmp_path: Path, knapsack: Path, in_process: bool
) -> None:
    """With the row that it violates; also in the harness's own process."""
    kind = InProcessExecutor if in_process else LocalExecutor
    executor = kind(ExecutorConfig(folder=tmp_path))
    (outcome,) = execute_tasks(
        executor, [task(knapsack, "fake", solution="a=1 b=1 c=1", value=-12.0)]
    )
    found = outcome.verification
    assert found is not None
    assert (found.level, found.skipped) == (Level.NONE, None)
    worst = next(one for one in found.violations if one.quantity is Quantity.ROW)
    assert (worst.where, worst.absolute) == ("room", 3.0)


def test_a_lie_about_the_objective_is_found_out(tmp_path: Path, knapsack: Path) -> None:
    """The solution holds, and is not worth what was claimed."""
    lie = task(knapsack, "fake", solution="a=1 c=1", value=-9.0)
    (outcome,) = execute_tasks(LocalExecutor(ExecutorConfig(folder=tmp_path)), [lie])
    found = outcome.verification
    assert found is not None
    assert (found.level, found.objective) == (Level.NONE, -8.0)


@pytest.mark.parametrize("in_process", [True, False])
def test_no_solution_is_a_reason(tmp_path: Path, knapsack: Path, in_process: bool) -> None:
    """It is told from a solution that holds and from a solver that gave no answer."""
    tasks = [task(knapsack, "fake"), task(knapsack, "fake", behaviour="raise")]
    kind = InProcessExecutor if in_process else LocalExecutor
    executor = kind(ExecutorConfig(folder=tmp_path))
    found = [outcome.verification for outcome in execute_tasks(executor, tasks)]
    reasons = [one.skipped for one in found if one is not None]
    assert reasons == ["no solution was written", "there is no answer"]


@pytest.mark.parametrize("in_process", [True, False])
def test_nothing_is_checked_where_nobody_asks(
    tmp_path: Path, knapsack: Path, in_process: bool
) -> None:
    """The solution is there, the verification is not."""
    kind = InProcessExecutor if in_process else LocalExecutor
    executor = kind(ExecutorConfig(folder=tmp_path, verify=False))
    (outcome,) = execute_tasks(executor, [task(knapsack, "fake", solution="a=1")])
    assert outcome.verification is None
    names = {path.name for path in outcome.folder.iterdir()}
    assert "solution.sol" in names
    assert "verification.json" not in names


def test_the_measures_are_concluded_before_the_check_begins(
    checking: tuple[LaunchedTask, psutil.Process],
) -> None:
    """A check that is still going on is in no time; stopped, it costs nothing."""
    launched, verifier = checking
    assert not wait([launched.sentinel], timeout=0)
    launched.stop()
    outcome = launched.outcome()
    assert outcome.answer.status == "optimal"
    assert outcome.execution.evidence == "the solver reports optimal"
    assert outcome.verification is not None
    assert outcome.verification.skipped == "stopped on request"
    assert not verifier.is_running()


def test_a_verifier_dies_with_its_parent(checking: tuple[LaunchedTask, psutil.Process]) -> None:
    """The task has no result: it is repeated, with its check."""
    launched, verifier = checking
    supervisor = verifier.parent()
    assert supervisor is not None
    supervisor.send_signal(signal.SIGKILL)
    with pytest.raises(MachineError, match="SIGKILL"):
        launched.outcome()
    until(lambda: not verifier.is_running() or verifier.status() == psutil.STATUS_ZOMBIE)


def test_closing_the_iterator_does_not_wait_for_a_check(
    tmp_path: Path, knapsack: Path, endless: Task
) -> None:
    """Ctrl-C ends it as it ends a solve."""
    outcomes = execute_tasks(
        LocalExecutor(ExecutorConfig(folder=tmp_path / "tasks", cpu_slots=(ANYWHERE, ANYWHERE))),
        [task(knapsack, "fake"), endless],
    )
    next(outcomes)
    folder = tmp_path / "tasks"
    until(lambda: any(folder.glob("pipe*/supervisorreport.json")))
    outcomes.close()
    (file,) = folder.glob("pipe*/verification.json")
    assert "stopped on request" in file.read_text()
