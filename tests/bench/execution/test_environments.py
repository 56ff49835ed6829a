"""Tasks of solvers in environments of their own: as isolated, measured and checked as others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.connection import wait
from pathlib import Path

import pytest

from bench.errors import MachineError
from bench.execution.local import LocalExecutor
from bench.execution.process.fork_servers import workers
from bench.execution.process.launch import LaunchedTask
from bench.execution.protocol import ExecutorConfig, execute_tasks
from bench.execution.request import ExecutionRequest
from bench.model.limits import Limits
from bench.model.results.process_stats import Termination
from bench.model.results.result import Outcome
from bench.model.task import Task
from bench.solvers import registry
from bench.solvers.environments import environment
from tests.waiting import PATIENCE_S, until

pytestmark = pytest.mark.usefixtures("fork_server")


@pytest.fixture(autouse=True)
def _no_worker_is_left() -> Iterator[None]:
    """Begin without workers, because environments change in these tests."""
    workers.end_all()
    yield
    workers.end_all()


def of(solver: str, task: Task, **changes: object) -> Task:
    """Return the task for a solver in an environment, of the version that it has."""
    version = registry.load(solver).version()
    setting = replace(task.setting, solver=solver)
    return replace(task, setting=setting, solver_version=version, **changes)  # type: ignore[arg-type]


def execute(folder: Path, *tasks: Task) -> list[Outcome]:
    """Return what becomes of tasks, one after the other."""
    return list(execute_tasks(LocalExecutor(ExecutorConfig(folder=folder)), tasks))


@pytest.fixture
def knapsack_task(own_scip: str, knapsack: Path, scip_task: object) -> Task:
    """Return a task that takes no time."""
    return of(own_scip, scip_task(knapsack))  # type: ignore[operator]


def test_a_task_is_measured_and_checked_by_another_code_base(
    tmp_path: Path, knapsack_task: Task
) -> None:
    """The check is made here, by the reader that is independent of SCIP."""
    (outcome,) = execute(tmp_path, knapsack_task)
    assert outcome.answer.status == "optimal"
    assert outcome.answer.primal_bound == -8
    assert outcome.task is knapsack_task
    stats = outcome.execution
    assert (stats.termination, stats.exit_code) == (Termination.NORMAL, 0)
    assert stats.cpu_s is not None
    assert stats.peak_mib is not None
    assert stats.wall_s > 0
    assert outcome.verification is not None
    assert outcome.verification.independent
    assert outcome.verification.reader == "highs"
    assert not list(outcome.folder.glob("*.json.half"))
    assert not (outcome.folder / "tmp").exists()


def test_another_version_solves_beside_ours(
    tmp_path: Path, scip_9: str, root: Path, scip_task: object
) -> None:
    """Integral and deterministic time are numbers, though PySCIPOpt 5 has no methods for them."""
    path = root / "instances" / "mkp-5x40.lp"
    task = of(scip_9, scip_task(path))  # type: ignore[operator]
    (outcome,) = execute(tmp_path, task)
    answer = outcome.answer
    assert answer.versions["scip"] == "9.2.4"
    assert (answer.status, answer.primal_bound) == ("optimal", 17487)
    assert (answer.n_nodes, answer.n_lp_iterations) == (59, 725), "as a bare script"
    assert answer.deterministic_time is not None
    assert answer.primal_dual_integral is not None
    assert answer.presolved is not None
    assert answer.presolved.n_nonzeros == 736
    assert len({point.dual_bound for point in answer.trace}) > 2
    assert outcome.verification is not None
    assert outcome.verification.independent


def test_what_leads_to_other_libraries_does_not_leak_in(
    tmp_path: Path, knapsack_task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module of the name of the solver's library on PYTHONPATH is not loaded."""
    poison = tmp_path / "poison"
    poison.mkdir()
    (poison / "pyscipopt.py").write_text("raise ImportError('poisoned')\n")
    monkeypatch.setenv("PYTHONPATH", str(poison))
    (outcome,) = execute(tmp_path / "tasks", knapsack_task)
    assert outcome.answer.status == "optimal"


@pytest.fixture
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, knapsack_task: Task) -> None:
    """Use a folder of environments of its own, with that of the task."""
    found = registry.environment(knapsack_task.setting.solver)
    assert found is not None
    catalogue = found.catalogue()
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "solvers"))
    environment.write(found, catalogue)


@pytest.mark.usefixtures("_apart")
def test_an_environment_that_is_gone_costs_its_own_tasks_alone(
    tmp_path: Path, knapsack_task: Task
) -> None:
    """Their result says what to do; the tasks of others go on."""
    found = registry.environment(knapsack_task.setting.solver)
    assert found is not None
    lost = replace(found, name="lost", python=tmp_path / "gone" / "python")
    environment.write(lost, found.catalogue())
    setting = replace(knapsack_task.setting, solver="lost")
    gone, other = execute(tmp_path, replace(knapsack_task, setting=setting), knapsack_task)
    assert gone.execution.termination is Termination.ERROR
    assert gone.answer.error is not None
    assert (
        "no longer exists; create it again with: bench solvers remove lost && " in gone.answer.error
    )
    assert other.answer.status == "optimal"


@pytest.mark.usefixtures("_apart")
def test_an_environment_that_is_removed_or_damaged_costs_its_own_tasks_alone(
    tmp_path: Path, knapsack_task: Task
) -> None:
    """Also in the middle of a sweep."""
    damaged = environment.folder("damaged")
    damaged.mkdir()
    (damaged / environment.RECORD).write_text("{")
    first, second, other = execute(
        tmp_path,
        *(
            replace(knapsack_task, setting=replace(knapsack_task.setting, solver=solver))
            for solver in ("scip@9.9.9", "damaged")
        ),
        knapsack_task,
    )
    assert "add it with: bench solvers add scip==9.9.9" in (first.answer.error or "")
    assert "remove it with: bench solvers remove damaged" in (second.answer.error or "")
    assert {first.execution.termination, second.execution.termination} == {Termination.ERROR}
    assert other.answer.status == "optimal"


def test_an_environment_with_another_version_is_not_used(
    tmp_path: Path, knapsack_task: Task
) -> None:
    """A task's key has the version that was asked for, so no other one may answer."""
    (outcome,) = execute(tmp_path, replace(knapsack_task, solver_version="1.2.3"))
    assert outcome.answer.error is not None
    assert "has the version" in outcome.answer.error
    assert "not 1.2.3" in outcome.answer.error


def test_a_file_that_the_solver_cannot_read_is_refused(
    tmp_path: Path, knapsack: Path, knapsack_task: Task
) -> None:
    """With the solver's reason, as by the solver beside bench."""
    knapsack.write_text("no problem\n")
    (outcome,) = execute(tmp_path, knapsack_task)
    assert outcome.execution.termination is Termination.REFUSED
    assert "refuses knapsack.mps" in (outcome.answer.error or "")


@pytest.fixture
def endless(own_scip: str, hard: Path, scip_task: object) -> Task:
    """Return a task that takes longer than any test."""
    return of(own_scip, scip_task(hard, limits=Limits(time_s=100)))  # type: ignore[operator]


def test_a_task_can_be_stopped(tmp_path: Path, endless: Task) -> None:
    """At once, and nothing of it is left."""
    launched = LaunchedTask(ExecutionRequest(task=endless, folder=tmp_path / "task"))
    until_solving(tmp_path / "task")
    launched.stop()
    assert wait([launched.sentinel], PATIENCE_S)
    assert not launched.goes_on()
    assert launched.outcome().execution.termination is Termination.INTERRUPT


def test_a_time_limit_holds(tmp_path: Path, endless: Task) -> None:
    """The solver's own, with its bounds."""
    (outcome,) = execute(tmp_path, replace(endless, limits=Limits(time_s=1.0)))
    assert outcome.execution.termination is Termination.TIME
    assert outcome.answer.dual_bound is not None


def test_a_worker_that_is_killed_is_the_machines_fault(tmp_path: Path, endless: Task) -> None:
    """The task ends with it; another worker takes the next one."""
    launched = LaunchedTask(ExecutionRequest(task=endless, folder=tmp_path / "task"))
    until_solving(tmp_path / "task")
    (worker,) = workers._WORKERS.values()
    os.kill(worker._process.pid, signal.SIGKILL)
    assert wait([launched.sentinel], PATIENCE_S)
    launched.goes_on()
    with pytest.raises(MachineError, match="has ended"):
        launched.outcome()
    (outcome,) = execute(tmp_path, replace(endless, limits=Limits(time_s=0.1)))
    assert outcome.execution.termination is Termination.TIME


def until_solving(folder: Path) -> None:
    """Wait until the solver has read the file."""
    until((folder / "solving").exists)


STANDARD_LIBRARY_ALONE = """
import sys, types
library, extension = types.ModuleType("pyscipopt"), types.ModuleType("pyscipopt.scip")
library.Model = library.Eventhdlr = type("Model", (), {})
library.scip, library.__path__ = extension, []
extension.PY_SCIP_EVENTTYPE = types.SimpleNamespace(BESTSOLFOUND=1, LPSOLVED=2, NODESOLVED=4)
sys.modules |= {"pyscipopt": library, "pyscipopt.scip": extension}
sys.path.insert(0, sys.argv[1])
import bench.execution.process.fork_servers.worker, bench.solvers.inside
import bench.solvers.scip.catalogue, bench.solvers.scip.solving
"""


def test_an_environment_needs_nothing_but_its_solver(root: Path) -> None:
    """An interpreter without site-packages loads all that a worker of SCIP needs."""
    words = [sys.executable, "-I", "-S", "-c", STANDARD_LIBRARY_ALONE, str(root)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
