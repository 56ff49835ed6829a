"""What a solver answers that is no answer costs its own task alone, in every executor."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.execution.in_process import InProcessExecutor
from bench.execution.local import LocalExecutor
from bench.execution.process import messages
from bench.execution.protocol import Executor, ExecutorConfig, execute_tasks
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.results.process_stats import Termination
from bench.model.results.result import Outcome
from bench.model.setting import Setting
from bench.model.task import Task
from bench.solvers.bad_answers import ANSWERS

BAD = {
    "none": "it is None",
    "dict": "it is of type dict",
    "text_for_number": "answer.n_nodes",
    "object": "object cannot be part of an answer: its type is not supported",
    "surrogate": "surrogate",
    "huge_count": "answer.n_nodes",
    "endless_time": "answer.solve_time_s: out of range",
    "no_trace": "answer.trace",
    "large": "more than 1 MiB",
}
LEAVING = sorted(name for name in ANSWERS if "_for_" in name and name != "text_for_number")


def task(instance: Path, answer: str) -> Task:
    """Return a task of the fake solver that answers so."""
    return Task(
        instance=Instance(name=instance.stem, path=instance, digest="d"),
        setting=Setting(name=answer, solver="fake", params={"answer": answer}),
        solver_version="1.0",
        limits=Limits(time_s=20, memory_mib=None, grace_s=1),
    )


def execute(executor: Executor, instance: Path, *answers: str) -> dict[str, Outcome]:
    """Return what came of tasks that answer so, by the answer."""
    outcomes = execute_tasks(executor, [task(instance, answer) for answer in answers])
    return {outcome.task.setting.name: outcome for outcome in outcomes}


@pytest.mark.parametrize("kind", [LocalExecutor, InProcessExecutor])
def test_a_bad_answer_is_an_error_with_its_reason(
    tmp_path: Path,
    knapsack: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[LocalExecutor | InProcessExecutor],
) -> None:
    """The tasks after it are executed as if nothing had been."""
    monkeypatch.setattr(messages, "LARGEST_BYTES", 2**20)
    names = [name for name in BAD if kind is LocalExecutor or name != "large"]
    outcomes = execute(kind(ExecutorConfig(folder=tmp_path / "tasks")), knapsack, *names, "good")
    for name in names:
        found = outcomes[name]
        assert found.execution.termination is Termination.ERROR, name
        assert BAD[name] in (found.answer.error or ""), name
    assert outcomes["good"].answer.primal_bound == 42


def test_scalars_of_numpy_are_numbers(tmp_path: Path, knapsack: Path) -> None:
    """Many solvers' interfaces give them."""
    executor = LocalExecutor(ExecutorConfig(folder=tmp_path / "tasks"))
    answer = execute(executor, knapsack, "numpy")["numpy"].answer
    assert (answer.primal_bound, answer.n_nodes, answer.gap) == (42.0, 1, 0.0)
    assert type(answer.n_nodes) is int


def test_whatever_is_left_in_the_folder_holds_nobody_up(tmp_path: Path, knapsack: Path) -> None:
    """A pipe is not waited for, and a folder not read."""
    executor = LocalExecutor(ExecutorConfig(folder=tmp_path / "tasks"))
    outcomes = execute(executor, knapsack, *LEAVING, "no_folder", "good")
    for name in LEAVING:
        if name != "folder_for_report":
            assert outcomes[name].answer.primal_bound == 42, name
    for name in ("folder_for_report", "no_folder"):
        assert outcomes[name].answer.primal_bound is None, name
        assert outcomes[name].execution.termination is Termination.ERROR, name
    assert outcomes["good"].answer.primal_bound == 42
