"""Tasks and seeds."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.model.instances.instance import Instance
from bench.model.limits import Limits
from bench.model.setting import Setting
from bench.model.sweep import Sweep, TaskOrder
from bench.planning.tasks import permutations, seeds, shuffled, sweep_tasks, tasks

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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2147483648,", "from 0 to 2147483647"),
        ("12345", "a list of one is written 12345,"),
    ],
)
def test_seeds_that_no_solver_holds_are_refused(text: str, words: str) -> None:
    """A large number was rather meant as a seed than as a count."""
    with pytest.raises(UsageError, match=words):
        seeds(text)


def test_a_list_of_one_ends_with_a_comma() -> None:
    """Without it, it would be a count."""
    assert seeds("4,") == permutations("4,") == [4]


SWEEPS = st.builds(
    Sweep,
    name=st.just("s"),
    settings=st.just(tuple(SETTINGS)),
    limits=st.just({"default": Limits(), "other": Limits(time_s=1)}),
    instances=st.just(("x",)),
    seeds=st.sampled_from([(0,), (0, 1)]),
    permutations=st.sampled_from([(0,), (0, 3)]),
    order=st.sampled_from(TaskOrder),
    shuffle_seed=st.integers(0, 9),
)
MANY = [Instance(name=name, path=Path(name), digest=name * 64) for name in "abcdef"]
EXPECTED = st.dictionaries(st.sampled_from("abcdef"), st.floats(0, 100))


@given(SWEEPS, EXPECTED)
def test_every_order_is_one_of_the_same_tasks(sweep: Sweep, known: dict[str, float]) -> None:
    """Nothing is lost, and nothing is there twice."""
    given_order = dataclasses.replace(sweep, order=TaskOrder.GIVEN)
    ordered = [task.key for task in sweep_tasks(sweep, MANY, {"scip": "10"}, known)]
    listed = [task.key for task in sweep_tasks(given_order, MANY, {"scip": "10"})]
    assert sorted(ordered) == sorted(listed)
    assert len(set(ordered)) == 6 * 2 * len(sweep.seeds) * len(sweep.permutations)


@given(SWEEPS, EXPECTED)
def test_all_settings_of_an_instance_seed_and_permutation_are_neighbours(
    sweep: Sweep, known: dict[str, float]
) -> None:
    """And all tasks of an instance are."""
    ordered = sweep_tasks(sweep, MANY, {"scip": "10"}, known)
    groups = [(t.instance.name, t.seed, t.permutation) for t in ordered]
    assert groups[::2] == groups[1::2]
    names = [task.instance.name for task in ordered]
    assert len([name for name, _ in itertools.groupby(names)]) == 6


@given(SWEEPS)
def test_the_given_order_is_that_of_the_instances_and_settings(sweep: Sweep) -> None:
    """Whatever is expected."""
    sweep = dataclasses.replace(sweep, order=TaskOrder.GIVEN)
    ordered = sweep_tasks(sweep, MANY, {"scip": "10"}, {"f": 9.0})
    assert [task.instance.name for task in ordered] == sorted(t.instance.name for t in ordered)
    assert {task.setting.name for task in ordered[::2]} == {"default"}


def test_the_longest_expected_comes_first() -> None:
    """What is unknown stands where the median does."""
    order = shuffled(MANY, 1, {"c": 50.0, "a": 1.0, "e": 5.0})
    names = "".join(instance.name for instance in order)
    assert (names[0], names[-1]) == ("c", "a")


def test_an_order_can_be_had_again_and_depends_on_the_seed() -> None:
    """Not on the order in which the instances were found."""
    orders = [shuffled(MANY[::step], seed, {}) for step in (1, -1) for seed in range(5)]
    assert orders[:5] == orders[5:]
    assert len({tuple(order) for order in orders}) > 1


def test_no_setting_is_always_the_first_of_its_group() -> None:
    """What the first one pays for (a cold file) is shared among them."""
    instances = [Instance(name=str(i), path=Path(str(i))) for i in range(30)]
    limits = {"default": Limits(), "other": Limits()}
    sweep = Sweep(name="s", settings=tuple(SETTINGS), limits=limits, instances=("x",))
    ordered = sweep_tasks(sweep, instances, {"scip": "10"})
    assert {task.setting.name for task in ordered[::2]} == {"default", "other"}


def test_each_setting_has_its_own_limits() -> None:
    """A limit may be what is swept."""
    limits = {"default": Limits(time_s=1), "other": Limits(time_s=2)}
    planned = tasks(INSTANCES, SETTINGS, [0], limits, {"scip": "10"}, permutations=[0, 5])
    assert {(t.setting.name, t.limits.time_s) for t in planned} == {("default", 1), ("other", 2)}
    assert {task.permutation for task in planned} == {0, 5}


def test_a_copy_of_an_instance_is_not_executed_again() -> None:
    """Same name and content in two folders are one experiment; same name alone is not."""
    here = Instance(name="a", path=Path("here/a"), digest="a" * 64)
    copy = Instance(name="a", path=Path("there/a"), digest="a" * 64)
    other = Instance(name="a", path=Path("other/a"), digest="b" * 64)
    planned = tasks([here, copy, other], SETTINGS, [0], Limits(), {"scip": "10"})
    assert len({task.key for task in planned}) == len(planned) == 4
