"""Estimates of a plan, and the forecast while results come."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.model.limits import Clock
from bench.model.planned_task import PlannedTask
from bench.planning.estimate import Count, Forecast, duration_text, estimate, expected, makespan


def planned(instance: str, setting: str, limit_s: float | None = 100.0) -> PlannedTask:
    """Return a planned task with a grace of 10 s, whose key is the instance and the setting."""
    return PlannedTask(
        key=f"{instance} {setting}",
        instance=instance,
        digest="",
        setting=setting,
        seed=0,
        permutation=0,
        time_limit_s=limit_s,
        grace_s=10.0,
    )


TASKS = [planned(instance, setting) for instance in ("a", "b", "c") for setting in ("x", "y")]


def test_tasks_are_counted_by_setting_and_by_instance() -> None:
    """With what is finished of each; a finished key of another sweep does not count."""
    found = estimate(TASKS, {"a x", "a y", "b x", "other"}, {})
    assert found.total == Count(6, 3)
    assert found.by_setting == {"x": Count(3, 2), "y": Count(3, 1)}
    assert found.by_instance == {
        "a": Count(2, 2, 0.0),
        "b": Count(2, 1),
        "c": Count(2, 0),
    }
    assert found.by_instance["b"].n_left == 1


def test_at_worst_every_task_takes_its_limit_and_the_grace() -> None:
    """What is finished takes nothing, and jobs share the rest."""
    assert estimate(TASKS, (), {}).worst_s == 660
    assert estimate(TASKS, {"a x"}, {}, jobs=2).worst_s == 330
    assert estimate(TASKS, (), {}, jobs=100).worst_s == 110


def test_without_a_time_limit_there_is_no_worst() -> None:
    """None, not infinity."""
    assert estimate([*TASKS, planned("d", "x", None)], (), {}).worst_s is None


def test_a_task_is_expected_to_take_the_median_of_its_instance() -> None:
    """Where nothing is known of it, the median over the others."""
    assert estimate(TASKS, (), {"a": [1, 2, 9], "b": [4]}).expected_s == 2 * (2 + 4 + 3)


def test_no_task_is_expected_to_take_more_than_at_worst() -> None:
    """The limits may have been others before."""
    assert estimate(TASKS[:1], (), {"a": [5000]}).expected_s == 110


def test_where_nothing_is_known_nothing_is_expected() -> None:
    """But what is finished takes no time."""
    assert estimate(TASKS, (), {}).expected_s is None
    assert estimate(TASKS[:1], {"a x"}, {}).expected_s == 0


def test_an_instance_without_a_time_is_not_known() -> None:
    """An empty list says nothing."""
    assert expected({"a": [], "b": [3, 1, 2]}) == {"b": 2}


@given(st.lists(st.floats(0, 1e6), max_size=20), st.integers(1, 8))
def test_a_makespan_lies_between_the_bounds_of_list_scheduling(
    durations: list[float], jobs: int
) -> None:
    """Graham 1969: at least the mean load and the longest, at most their weighted sum."""
    found = makespan(durations, jobs)
    load, longest = sum(durations) / jobs, max(durations, default=0.0)
    assert found is not None
    assert found >= max(load, longest) or found == pytest.approx(max(load, longest))
    bound = load + longest * (1 - 1 / jobs)
    assert found <= bound or found == pytest.approx(bound)


def left(
    instance: str, seed: int = 0, time_limit_s: float | None = 100, clock: Clock = Clock.WALL
) -> PlannedTask:
    """Return a planned task."""
    return PlannedTask(
        key=f"{instance}-{seed}",
        instance=instance,
        digest="",
        setting="default",
        seed=seed,
        permutation=0,
        time_limit_s=time_limit_s,
        grace_s=10,
        clock=clock,
    )


def test_the_worst_case_is_every_limit_and_grace_shared_by_the_jobs() -> None:
    """Four tasks of at most 110 s, two at a time."""
    forecast = Forecast([left("a", seed) for seed in range(4)], jobs=2)
    assert forecast.left().worst_s == 220


def test_the_worst_case_of_a_limit_of_cpu_time_is_longer() -> None:
    """A task gets three times as long by the wall clock."""
    assert Forecast([left("a", clock=Clock.CPU)]).left().worst_s == 310


def test_without_a_time_limit_there_is_no_worst_case() -> None:
    """Nobody can say how long it takes."""
    assert Forecast([left("a", time_limit_s=None)]).left().worst_s is None


def test_before_the_first_result_nothing_is_expected() -> None:
    """A guess is not made."""
    assert Forecast([left("a")]).left().expected_s is None


def test_an_instance_is_expected_to_take_what_it_took_and_a_new_one_the_usual() -> None:
    """Two of a at 10 s each, one of b at the median of all instances."""
    forecast = Forecast([left("a", 1), left("a", 2), left("b")])
    forecast.learn("a", 10.0)
    forecast.learn("c", 20.0)
    assert forecast.left().expected_s == pytest.approx(10 + 10 + 15)


def test_nothing_left_takes_no_time() -> None:
    """The end is now."""
    left = Forecast([]).left()
    assert (left.expected_s, left.worst_s) == (0, 0)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (89, "89 s"), (600, "10 min"), (7200, "2.0 h"), (200000, "2.3 d")],
)
def test_durations_are_told_in_fitting_units(seconds: float, text: str) -> None:
    """A person reads them at a glance."""
    assert duration_text(seconds) == text


def test_what_is_left_has_an_expected_time() -> None:
    """The sum over the tasks of an instance or a setting; None where one is not known."""
    found = estimate(TASKS, {"a x"}, {"a": [2.0], "b": [3.0, 5.0]})
    assert found.by_instance["a"].expected_s == 2.0
    assert found.by_instance["b"].expected_s == 8.0
    assert found.by_instance["c"].expected_s == 6.0
    assert found.by_setting["y"].expected_s == 2.0 + 4.0 + 3.0
    assert estimate(TASKS, set(), {}).by_setting["x"].expected_s is None
