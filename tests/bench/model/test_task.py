"""The key of a task: computed once, and never another task's."""

from __future__ import annotations

import copy
import hashlib
import pickle
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench.model import task as module
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.setting import Setting
from bench.model.task import Task


@pytest.fixture
def task() -> Task:
    """Return a task whose key nobody has asked for."""
    return Task(
        instance=Instance(name="egout", path=Path("egout.mps"), digest="ab" * 32),
        setting=Setting(name="cuts", solver="scip", params={"separating/maxrounds": 0}),
        solver_version="10.0.2",
    )


@pytest.fixture
def n_computed(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Return a function that tells how often keys have been computed."""
    computed: list[bytes] = []

    def sha256(content: bytes) -> object:
        computed.append(content)
        return hashlib.sha256(content)

    monkeypatch.setattr(module, "hashlib", SimpleNamespace(sha256=sha256))
    return lambda: len(computed)


def pickled(task: Task) -> Task:
    """Return the task as another process gets it."""
    found: Task = pickle.loads(pickle.dumps(task))  # noqa: S301 - what was just made
    return found


def test_a_key_is_computed_once(task: Task, n_computed: Callable[[], int]) -> None:
    """However often it is asked for."""
    assert {task.key for _ in range(5)} == {task.key}
    assert n_computed() == 1


def test_a_key_goes_along_to_another_process(task: Task, n_computed: Callable[[], int]) -> None:
    """Also one that was not computed before is right there."""
    unasked = pickled(task)
    key = task.key
    assert pickled(task).key == copy.copy(task).key == key
    assert n_computed() == 1
    assert unasked.key == key


def test_a_changed_copy_has_a_key_of_its_own(task: Task) -> None:
    """The one that was computed before does not go along."""
    key = task.key
    assert replace(task, seed=1).key != key
    assert replace(task, limits=Limits(time_s=1.0)).key != key
    assert replace(task, seed=0).key == key


def test_whether_it_was_computed_makes_no_difference(task: Task) -> None:
    """Not to equality, to what is printed, or to what is written."""
    other = copy.deepcopy(task)
    assert task.key
    assert task == other
    assert repr(task) == repr(other)
    assert asdict(task) == asdict(other)


def test_a_task_stays_as_it_is(task: Task) -> None:
    """Its key could be wrong otherwise."""
    with pytest.raises(AttributeError):
        task.seed = 1  # type: ignore[misc]


def test_the_default_gap_is_no_part_of_a_key(task: Task) -> None:
    """Keys of tasks that did not know theirs stay the same."""
    assert replace(task, default_gap=1e-4).key == task.key
