"""Executing tasks in this very process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench.execution.in_process import InProcessExecutor
from bench.execution.process.supervision import solver_process
from bench.execution.protocol import ExecutorConfig, execute_tasks
from bench.model.results.process_stats import Termination
from bench.model.task import Task
from bench.solvers import registry
from bench.solvers.protocol import Solver
from tests.commands import Output


def test_a_solver_is_called_in_this_process(
    tmp_path: Path,
    knapsack: Path,
    scip_task: Callable[..., Task],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A breakpoint in the solver would stop here; the answer is the same."""
    called: list[str] = []

    def load(name: str) -> Solver:
        called.append(name)
        return registry.load(name)

    monkeypatch.setattr(solver_process, "registry", SimpleNamespace(load=load))
    (outcome,) = execute_tasks(
        InProcessExecutor(ExecutorConfig(folder=tmp_path / "tasks")), [scip_task(knapsack)]
    )
    assert called == ["scip"]
    assert outcome.answer.primal_bound == -8
    assert outcome.execution.termination is Termination.NORMAL


def test_an_error_is_an_outcome_here_too(tmp_path: Path, scip_task: Callable[..., Task]) -> None:
    """The next task goes on."""
    path = tmp_path / "garbage.mps"
    path.write_text("garbage\n")
    executor = InProcessExecutor(ExecutorConfig(folder=tmp_path / "tasks"))
    with Output():  # as in a process of its own: Python's streams are those of the C library
        (outcome,) = execute_tasks(executor, [scip_task(path)])
    assert outcome.execution.termination is Termination.REFUSED
    assert "Syntax error" in (outcome.answer.error or "")
