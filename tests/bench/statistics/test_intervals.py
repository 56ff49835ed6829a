"""Intervals of ratios: the hull of Student's and the bootstrap's."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from scipy import stats

from bench.statistics.arrays import Floats
from bench.statistics.intervals import (
    delta_interval,
    expanded_percentiles,
    intervals,
    mean_interval,
)

SHIFT = 1.0


def logs_of(n: int, factor: float = 1.3, seed: int = 0) -> Floats:
    """Return the logs of shifted times of two settings."""
    rng = np.random.default_rng(seed)
    times = np.exp(rng.normal(2, 1.8, n))
    other = factor * times * np.exp(rng.normal(0, 0.3, n))
    return np.log(np.stack((times, other), axis=1) + SHIFT)


def log_ratio(logs: Floats) -> float:
    """Return the log of the ratio of the shifted geometric means."""
    first, second = (math.exp(mean) - SHIFT for mean in logs.mean(axis=0))
    return math.log(second / first)


@pytest.mark.parametrize("n", [2, 5, 12, 60])
def test_the_delta_interval_is_students_with_the_jackknifes_error(n: int) -> None:
    """An infinitesimal jackknife, by finite differences of the weights of instances."""
    logs = logs_of(n)
    influence = []
    for at in range(n):
        weights = np.full(n, 1 / n)
        weights[at] += 1e-6
        moved = (weights / weights.sum()) @ logs
        influence.append((log_ratio(moved[None]) - log_ratio(logs)) / 1e-6)
    error = np.std(influence, ddof=1) / math.sqrt(n)
    reach = stats.t.ppf(0.975, n - 1) * error
    low, high = (end[1] for end in delta_interval(logs, SHIFT, 0.05))
    assert math.log(low) == pytest.approx(log_ratio(logs) - reach, rel=1e-3, abs=1e-4)
    assert math.log(high) == pytest.approx(log_ratio(logs) + reach, rel=1e-3, abs=1e-4)


def test_the_percentiles_are_expanded_as_hesterberg_has_it() -> None:
    """All 4^4 resamples, at the level that belongs to t(3)."""
    logs = logs_of(4)
    ratios = [math.exp(log_ratio(logs[list(draw)])) for draw in product(range(4), repeat=4)]
    level = stats.norm.cdf(-math.sqrt(4 / 3) * stats.t.ppf(0.975, 3))
    expected = np.quantile(ratios, [level, 1 - level])
    ends = expanded_percentiles(logs, SHIFT, alpha=0.05, n_resamples=100, rng_seed=1)
    assert [end[1] for end in ends] == pytest.approx(list(expected), rel=1e-9)


@pytest.mark.parametrize("n", [2, 6, 7, 29, 30, 100])
@pytest.mark.parametrize("alpha", [0.05, 0.2])
def test_the_interval_is_the_hull_of_both(n: int, alpha: float) -> None:
    """One rule for all numbers of instances."""
    logs = logs_of(n)
    found = intervals(logs, SHIFT, alpha=alpha, n_resamples=500, rng_seed=1)[1]
    delta = delta_interval(logs, SHIFT, alpha)
    expanded = expanded_percentiles(logs, SHIFT, alpha=alpha, n_resamples=500, rng_seed=1)
    assert found is not None
    assert found.low == min(delta[0][1], expanded[0][1])
    assert found.high == max(delta[1][1], expanded[1][1])


def test_a_mean_of_zero_has_no_interval_of_the_delta_method() -> None:
    """What is 0 on every instance has the ratio 0; a baseline of 0 has none."""
    logs = logs_of(8)
    logs[:, 1] = 0.0
    found = intervals(logs, SHIFT, alpha=0.05, n_resamples=100, rng_seed=1)[1]
    assert found is not None
    assert (found.low, found.high) == (0.0, 0.0)
    turned = intervals(logs[:, ::-1], SHIFT, alpha=0.05, n_resamples=100, rng_seed=1)
    assert turned == [None, None]


@pytest.mark.parametrize("n", [5, 12])
def test_the_interval_holds_the_true_ratio_as_often_as_promised(n: int) -> None:
    """In 300 made-up comparisons, within four standard errors of 95 %."""
    held = 0
    for seed in range(300):
        found = intervals(logs_of(n, 1.0, seed), SHIFT, alpha=0.05, n_resamples=200, rng_seed=1)[1]
        assert found is not None
        held += found.low <= TRUE_RATIO <= found.high
    assert held / 300 >= 0.95 - 4 * math.sqrt(0.95 * 0.05 / 300)


def _true_ratio() -> float:
    """Return the ratio over very many instances."""
    return math.exp(log_ratio(logs_of(2_000_000, 1.0, 10_000)))


TRUE_RATIO = _true_ratio()


def test_the_interval_of_a_mean_is_not_below_0() -> None:
    """Also with few instances that differ much, where Student's reach is long."""
    logs = np.log(np.array([0.1, 0.2, 5.0]) + SHIFT)
    found = mean_interval(logs, SHIFT, 0.05)
    assert found is not None
    assert found.low == 0.0
    centre, reach = logs.mean(), stats.t.ppf(0.975, 2) * logs.std(ddof=1) / math.sqrt(3)
    assert centre - reach < 0
    assert found.high == pytest.approx(math.exp(centre + reach) - SHIFT)
