"""Executing tasks in this very process."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from bench.executors.in_process import InProcessExecutor
from bench.model.execution import Termination
from bench.model.task import Task


def test_a_solver_is_called_in_this_process(
    tmp_path: Path, knapsack: Path, scip_task: Callable[..., Task]
) -> None:
    """A breakpoint in the solver would stop here; the answer is the same."""
    children = os.times().children_user
    (outcome,) = InProcessExecutor(tmp_path / "tasks").run([scip_task(knapsack)])
    assert outcome.answer.primal_bound == -8
    assert outcome.execution.termination is Termination.NORMAL
    assert os.times().children_user == children


def test_an_error_is_an_outcome_here_too(tmp_path: Path, scip_task: Callable[..., Task]) -> None:
    """The next task goes on."""
    path = tmp_path / "garbage.mps"
    path.write_text("garbage\n")
    (outcome,) = InProcessExecutor(tmp_path / "tasks").run([scip_task(path)])
    assert outcome.execution.termination is Termination.REFUSED
    assert "Syntax error" in (outcome.answer.error or "")
