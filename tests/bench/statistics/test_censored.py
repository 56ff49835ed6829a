"""Ratios of which some are only bounds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm, t

from bench.statistics.arrays import Floats, Ints
from bench.statistics.censored import censored_ratio


def made_up(n: int, seed: int = 0) -> tuple[Floats, Ints]:
    """Return log ratios of mean 0.2, of which a fifth are lower and a tenth upper bounds."""
    rng = np.random.default_rng(seed)
    log_ratios = rng.normal(0.2, 0.5, n)
    sides = rng.choice([1, -1, 0], n, p=[0.2, 0.1, 0.7])
    return log_ratios - sides * np.abs(rng.normal(0, 0.3, n)), sides.astype(np.int64)


@pytest.mark.parametrize("n", [12, 30, 200])
def test_it_is_the_estimate_of_greatest_likelihood(n: int) -> None:
    """Found by another way, and so is its error: by the curvature of the likelihood there."""
    values, sides = made_up(n)

    def loss(point: Floats) -> float:
        mean, deviation = point
        z = (values - mean) / deviation
        known = norm.logpdf(z[sides == 0]) - math.log(deviation)
        beyond = norm.logsf(z[sides == 1]).sum() + norm.logcdf(z[sides == -1]).sum()
        return -float(known.sum() + beyond)

    best = minimize(loss, [0.0, 1.0], method="Nelder-Mead", options={"xatol": 1e-9}).x
    step = 1e-4 * np.eye(2)
    curvature = [
        [
            sum(a * b * loss(best + a * step[i] + b * step[j]) for a in (1, -1) for b in (1, -1))
            / 4e-8
            for i in (0, 1)
        ]
        for j in (0, 1)
    ]
    error = math.sqrt(np.linalg.inv(curvature)[0, 0] * n / (n - 1))
    found = censored_ratio(values, sides, 0.05)
    assert found is not None
    assert math.log(found.ratio) == pytest.approx(best[0], abs=1e-6)
    reach = t.ppf(0.975, n - 1) * error
    assert math.log(found.high / found.ratio) == pytest.approx(reach, rel=1e-3)
    assert math.log(found.ratio / found.low) == pytest.approx(reach, rel=1e-3)
    assert (found.n_exact, found.n_bounds) == (int((sides == 0).sum()), int((sides != 0).sum()))


def test_without_bounds_it_is_the_geometric_mean() -> None:
    """With the maximum-likelihood variance, expanded: Student's interval."""
    values = made_up(20)[0]
    found = censored_ratio(values, np.zeros(20, dtype=np.int64), 0.05)
    assert found is not None
    assert math.log(found.ratio) == pytest.approx(values.mean())
    reach = t.ppf(0.975, 19) * values.std(ddof=1) / math.sqrt(20)
    assert math.log(found.high / found.ratio) == pytest.approx(reach)


def test_turned_round_it_is_the_reciprocal() -> None:
    """Baseline and setting exchanged."""
    values, sides = made_up(30)
    one, other = censored_ratio(values, sides, 0.05), censored_ratio(-values, -sides, 0.05)
    assert one is not None
    assert other is not None
    assert one.ratio * other.ratio == pytest.approx(1)
    assert one.low * other.high == pytest.approx(1)


def test_too_little_is_no_estimate() -> None:
    """Four that are known, or none that differ."""
    values, sides = made_up(30)
    sides[np.flatnonzero(sides == 0)[4:]] = 1
    assert censored_ratio(values, sides, 0.05) is None
    assert censored_ratio(np.zeros(10), np.zeros(10, dtype=np.int64), 0.05) is None
    assert censored_ratio(np.zeros(0), np.zeros(0, dtype=np.int64), 0.05) is None
