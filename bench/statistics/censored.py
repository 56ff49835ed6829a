"""Estimates from values of which some are only known to be beyond a bound."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from bench.statistics.arrays import Floats, Ints

MIN_EXACT = 5
"""With fewer exactly known values there is no estimate."""
MAX_STEPS = 1000
CLOSE = 1e-10
LEAST_DEVIATION = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class CensoredRatio:
    """A ratio from log ratios of which some are bounds (Tobin 1958), with its interval.

    ``n_exact`` log ratios are known, ``n_bounds`` are lower or upper bounds.
    """

    ratio: float
    low: float
    high: float
    level: float
    n_exact: int
    n_bounds: int


def censored_ratio(log_ratios: Floats, sides: Ints, alpha: float) -> CensoredRatio | None:
    """Return the ratio whose log is the mean of normal log ratios, some of which are bounds.

    ``sides`` is 0 if a log ratio is exact, 1 if the value is a lower bound, -1 if it is an upper
    bound. The interval is Student's with the observed information, expanded by ``sqrt(m / (m -
    1))``. None with fewer than five exact ones, and if they do not vary.
    """
    exact, bounds, signs = log_ratios[sides == 0], log_ratios[sides != 0], sides[sides != 0]
    m = len(log_ratios)
    if len(exact) < MIN_EXACT:
        return None
    mean, deviation = _fitted(exact, bounds, signs)
    variance = _variance_of_mean(exact, bounds, signs, mean, deviation)
    if variance is None:
        return None
    from scipy.special import stdtrit  # noqa: PLC0415 - takes a while

    reach = float(stdtrit(m - 1, 1 - alpha / 2)) * math.sqrt(variance * m / (m - 1))
    return CensoredRatio(
        ratio=math.exp(mean),
        low=math.exp(mean - reach),
        high=math.exp(mean + reach),
        level=1 - alpha,
        n_exact=len(exact),
        n_bounds=len(bounds),
    )


def _fitted(exact: Floats, bounds: Floats, signs: Ints) -> tuple[float, float]:
    """Return mean and deviation of maximum likelihood, by EM with truncated normal moments."""
    m = len(exact) + len(bounds)
    total, squares = float(exact.sum()), float((exact**2).sum())
    everything = np.concatenate((exact, bounds))
    mean, deviation = float(everything.mean()), float(everything.std())
    for _ in range(MAX_STEPS):
        deviation = max(deviation, LEAST_DEVIATION)
        z = signs * (bounds - mean) / deviation
        hazard = _hazard(z)
        expected = mean + signs * deviation * hazard
        spread = deviation**2 * (1 + z * hazard - hazard**2)
        before = mean, deviation
        mean = (total + float(expected.sum())) / m
        second = (squares + float((expected**2 + spread).sum())) / m
        deviation = math.sqrt(max(second - mean**2, 0.0))
        if abs(mean - before[0]) + abs(deviation - before[1]) < CLOSE:
            break
    return mean, deviation


def _variance_of_mean(
    exact: Floats, bounds: Floats, signs: Ints, mean: float, deviation: float
) -> float | None:
    """Return the variance of the mean by the observed information; None if it does not exist."""
    if deviation <= LEAST_DEVIATION:
        return None
    residuals = (exact - mean) / deviation
    z = signs * (bounds - mean) / deviation
    hazard = _hazard(z)
    slope = hazard * (hazard - z)
    of_mean = len(exact) + float(slope.sum())
    of_both = 2 * float(residuals.sum()) + float((signs * (slope * z + hazard)).sum())
    of_deviation = float((3 * residuals**2 - 1).sum()) + float(
        (slope * z**2 + 2 * hazard * z).sum()
    )
    determinant = of_mean * of_deviation - of_both**2
    return deviation**2 * of_deviation / determinant if determinant > 0 < of_deviation else None


def _hazard(z: Floats) -> Floats:
    """Return the density of the standard normal divided by its upper tail."""
    from scipy.special import log_ndtr  # noqa: PLC0415 - takes a while

    return np.asarray(np.exp(-(z**2) / 2 - log_ndtr(-z)) / math.sqrt(2 * math.pi))
