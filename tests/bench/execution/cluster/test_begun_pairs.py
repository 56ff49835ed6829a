"""The rest of a pair stays with the machine that began it, or with one of its class."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.execution.cluster.begun_pairs import begun_pairs, by_machine, may_continue
from bench.execution.cluster.orders import TaskOrder
from bench.execution.pairs import Machine, pair_of
from bench.model.instances.instance import Instance
from bench.model.setting import Setting
from bench.model.task import Task

OLD, TWIN, NEW = (Machine(*words) for words in (("a", "old"), ("b", "old"), ("c", "new")))
UNNAMED = Machine("d", "")


def task(instance: str, setting: str) -> Task:
    """Return a task."""
    return Task(
        instance=Instance(name=instance, path=Path(instance), digest=instance * 64),
        setting=Setting(name=setting, solver="fake"),
        solver_version="1.0",
    )


@pytest.mark.parametrize(
    ("began", "machine", "machines", "expected"),
    [
        (None, NEW, [OLD, NEW], True),
        (OLD, OLD, [OLD, TWIN], True),
        (OLD, TWIN, [OLD, TWIN], False),
        (OLD, TWIN, [TWIN, NEW], True),
        (OLD, NEW, [TWIN, NEW], False),
        (OLD, NEW, [NEW], None),
        (UNNAMED, NEW, [NEW], None),
        (UNNAMED, UNNAMED, [UNNAMED, NEW], True),
    ],
)
def test_the_rest_of_a_pair_goes_to_the_most_similar_machine(
    began: Machine | None, machine: Machine, machines: list[Machine], expected: bool | None
) -> None:
    """The same one, else one of the same class; None: only others are there."""
    assert may_continue(began, machine, machines) is expected


def test_most_results_decide_who_began_a_pair() -> None:
    """Of equally many the first; a result of an unknown machine does not matter."""
    done = [
        *((task("x", "s0"), NEW), (task("x", "s1"), OLD), (task("x", "s2"), OLD)),
        *((task("y", "s0"), NEW), (task("y", "s1"), OLD)),
        (task("z", "s0"), Machine("", "")),
    ]
    begun = begun_pairs(done)
    assert begun == {pair_of(task("x", "")): OLD, pair_of(task("y", "")): NEW}
    orders = [TaskOrder(task=task(name, "s3")) for name in "zxzy"]
    groups = [
        (who, [one.task.instance.name for one in each]) for who, each in by_machine(orders, begun)
    ]
    assert groups == [(None, ["z", "z"]), (OLD, ["x"]), (NEW, ["y"])]
