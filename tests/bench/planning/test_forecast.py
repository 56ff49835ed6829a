"""The forecast of what is left."""

from __future__ import annotations

import pytest

from bench.model.planned_task import Planned
from bench.planning.forecast import Forecast, duration_text


def planned(instance: str, seed: int = 0, time_limit_s: float | None = 100) -> Planned:
    """Return a planned task."""
    return Planned(
        key=f"{instance}-{seed}",
        instance=instance,
        digest="",
        setting="default",
        seed=seed,
        permutation=0,
        time_limit_s=time_limit_s,
        grace_s=10,
    )


def test_the_worst_case_is_every_limit_and_grace_shared_by_the_jobs() -> None:
    """Four tasks of at most 110 s, two at a time."""
    forecast = Forecast([planned("a", seed) for seed in range(4)], jobs=2)
    assert forecast.left().worst_s == 220


def test_without_a_time_limit_there_is_no_worst_case() -> None:
    """Nobody can say how long it takes."""
    assert Forecast([planned("a", time_limit_s=None)]).left().worst_s is None


def test_before_the_first_result_nothing_is_expected() -> None:
    """A guess is not made."""
    assert Forecast([planned("a")]).left().expected_s is None


def test_an_instance_is_expected_to_take_what_it_took_and_a_new_one_the_usual() -> None:
    """Two of a at 10 s each, one of b at the median of all instances."""
    forecast = Forecast([planned("a", 1), planned("a", 2), planned("b")])
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
