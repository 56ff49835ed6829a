"""Tasks and seeds."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from bench.errors import UsageError
from bench.model.instance import Instance
from bench.model.limits import Limits
from bench.model.setting import Setting
from bench.planning.tasks import seeds, tasks

INSTANCES = [Instance(name=name, path=Path(name), digest=name * 64) for name in "ab"]
SETTINGS = [Setting(name=name, solver="scip") for name in ("default", "other")]


def test_settings_of_one_instance_stand_next_to_each_other() -> None:
    """Drift of the machine then hits all settings alike."""
    planned = tasks(INSTANCES, SETTINGS, [0, 1], Limits(), {"scip": "10"})
    order = [(task.instance.name, task.seed, task.setting.name) for task in planned]
    assert order[:3] == [("a", 0, "default"), ("a", 0, "other"), ("a", 1, "default")]
    assert len(order) == len(set(order)) == 8


def test_every_task_has_a_key_of_its_own() -> None:
    """Keys tell all tasks apart."""
    planned = tasks(INSTANCES, SETTINGS, [0, 1], Limits(), {"scip": "10"})
    assert len({task.key for task in planned}) == len(planned)


def test_the_key_depends_on_content_and_not_on_place() -> None:
    """A moved file is the same task; a changed file, limit or version is another."""
    (task, *_) = tasks(INSTANCES, SETTINGS, [0], Limits(), {"scip": "10"})
    moved = dataclasses.replace(task.instance, path=Path("/elsewhere/a"))
    changed = dataclasses.replace(task.instance, digest="0" * 64)
    assert dataclasses.replace(task, instance=moved).key == task.key
    assert dataclasses.replace(task, instance=changed).key != task.key
    assert dataclasses.replace(task, limits=Limits(time_s=1)).key != task.key
    assert dataclasses.replace(task, solver_version="11").key != task.key


@pytest.mark.parametrize(("text", "expected"), [("3", [0, 1, 2]), ("1", [0]), ("4,0", [4, 0])])
def test_seeds_are_a_count_or_a_list(text: str, expected: list[int]) -> None:
    """A single number is a count."""
    assert seeds(text) == expected


@pytest.mark.parametrize("text", ["0", "-1", "x", "1,1", "1,-2", "", "1.5"])
def test_other_seeds_are_refused(text: str) -> None:
    """The message shows what was given."""
    with pytest.raises(UsageError, match="seeds"):
        seeds(text)
