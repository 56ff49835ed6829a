"""HiGHS in a process of its own, under limits that are held from outside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.execution.local import LocalExecutor
from bench.execution.protocol import ANYWHERE, ExecutorConfig, execute_tasks
from bench.model.limits import Limits
from bench.model.results.process_stats import Termination
from bench.model.task import Task
from bench.model.workspace import Workspace

pytestmark = pytest.mark.usefixtures("fork_server")
MakeTask = Callable[..., Task]


def test_it_stops_at_its_own_limit_and_says_so(
    tmp_path: Path, hard: Path, make_task: MakeTask
) -> None:
    """A soft limit leaves bounds, a clean answer and the whole log."""
    task = make_task("highs", hard, limits=Limits(time_s=1.0))
    (outcome,) = execute_tasks(LocalExecutor(ExecutorConfig(folder=tmp_path / "tasks")), [task])
    assert outcome.answer.status == "timelimit"
    assert outcome.answer.dual_bound is not None
    assert outcome.execution.termination is Termination.TIME
    assert outcome.execution.evidence == "the solver reports timelimit"
    assert "Time limit reached" in Workspace(outcome.folder).log.read_text()


@pytest.mark.slow
def test_where_it_does_not_stop_a_signal_makes_it_answer(
    tmp_path: Path, hard: Path, make_task: MakeTask
) -> None:
    """The outer limit sends SIGINT half a grace after the limit; the bounds are there."""
    limits = Limits(time_s=0.3, grace_s=12)
    task = make_task("highs", hard, limits=limits, time_limit=1e6)
    (outcome,) = execute_tasks(LocalExecutor(ExecutorConfig(folder=tmp_path / "tasks")), [task])
    assert outcome.answer.status == "userinterrupt"
    assert outcome.answer.primal_bound is not None
    assert outcome.execution.termination is Termination.TIME
    assert "then the solver answered" in outcome.execution.evidence


def test_solvers_do_not_mind_each_other(
    tmp_path: Path, knapsack: Path, make_task: MakeTask
) -> None:
    """Tasks of both, side by side and after each other, from one fork server."""
    tasks = [make_task(name, knapsack, seed=i) for i in range(3) for name in ("scip", "highs")]
    outcomes = list(
        execute_tasks(
            LocalExecutor(
                ExecutorConfig(folder=tmp_path / "tasks", cpu_slots=(ANYWHERE, ANYWHERE))
            ),
            tasks,
        )
    )
    assert [outcome.answer.primal_bound for outcome in outcomes] == [-8] * 6
