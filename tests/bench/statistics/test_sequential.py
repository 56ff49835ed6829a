"""Levels of several looks: those of the literature's recursion, and what they promise."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bench.statistics.sequential import (
    conditional_power,
    holm_at_look,
    look_sizes,
    nominal_levels,
    spent,
)
from bench.statistics.tests import holm

SIZES = tuple(range(10, 61, 5))


def test_levels_are_those_of_a_reference() -> None:
    """Looks at 10 to 60 instances: levels known from an independent computation, and its last."""
    known = (
        *(0.0013, 0.0022, 0.0035, 0.0053, 0.0074, 0.0097),
        *(0.0127, 0.0158, 0.0196, 0.0241, 0.0285),
    )
    assert nominal_levels(SIZES, 60, 0.05) == pytest.approx(known, abs=3.5e-4)


def test_one_look_has_the_whole_level() -> None:
    """Who looks once, at the end, tests as if there were no looks."""
    assert nominal_levels((60,), 60, 0.05) == pytest.approx((0.05,))


@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_false_claims_at_any_look_use_up_the_level_as_planned(alpha: float) -> None:
    """Sums of normal numbers cross the boundaries as often as the spending function says."""
    n_rounds = 100_000
    steps = np.random.default_rng(3).normal(size=(n_rounds, 12)) * math.sqrt(5)
    at = np.array(SIZES)
    z = np.abs(np.cumsum(steps, axis=1)[:, 1:] / np.sqrt(at))
    p = np.vectorize(math.erfc)(z / math.sqrt(2))
    crossed = (np.cumsum(p < np.array(nominal_levels(SIZES, 60, alpha)), axis=1) > 0).mean(axis=0)
    for share, size in zip(crossed, SIZES, strict=True):
        planned = spent(size / 60, alpha)
        assert share == pytest.approx(planned, abs=4 * math.sqrt(planned / n_rounds))


def test_holm_at_the_only_look_is_holm() -> None:
    """With one look the adjusted values are the usual ones."""
    values = [0.02, 0.001, 0.3]
    assert holm_at_look(values, (60,), 60, 0.05) == pytest.approx(holm(values), rel=1e-6)


def test_holm_at_a_look_holds_the_smallest_against_the_level_of_a_share() -> None:
    """A p-value just below the level of alpha / 2 is a claim of two tests, one above it none."""
    sizes = (20, 40)
    level, shared = (nominal_levels(sizes, 60, alpha)[-1] for alpha in (0.05, 0.025))
    assert holm_at_look([0.99 * shared, 0.9], sizes, 60, 0.05)[0] < level
    assert holm_at_look([1.01 * shared, 0.9], sizes, 60, 0.05)[0] > level


@pytest.mark.parametrize("n", [6, 7, 10, 12, 23, 60, 61, 240])
def test_looks_end_with_all_instances_and_can_decide(n: int) -> None:
    """There are at most twelve, each larger, and the smallest p-value undercuts the level."""
    sizes = look_sizes(n, 1, 0.05)
    assert sizes[-1] == n
    assert list(sizes) == sorted(set(sizes))
    assert len(sizes) <= 12
    levels = nominal_levels(sizes, n, 0.05)
    assert all(2.0 ** (1 - size) < level for size, level in zip(sizes, levels, strict=True))


def test_little_trend_is_futile_and_a_strong_one_is_not() -> None:
    """The conditional power falls with p, and is nothing once all instances are in."""
    sizes = (20, 40)
    assert conditional_power(0.9, sizes, 60, 0.05) < 0.1 < conditional_power(0.05, sizes, 60, 0.05)
    assert conditional_power(0.9, (20, 60), 60, 0.05) == 0
