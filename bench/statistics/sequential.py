"""Sequential tests: levels for several looks at the same data that together keep one level.

Error spending (Lan and DeMets 1983) with the function ``alpha t^2`` (Kim and DeMets 1987, rho = 2),
where t is the share of all instances at a look. The level of each look follows from the recursion
of Armitage, McPherson and Rowe (1969), for a statistic whose increments are independent and normal.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import numpy as np

from bench.statistics.arrays import Floats

METHOD = "alpha spending, Kim and DeMets 1987, rho = 2"
RHO = 2.0
GRID = 241
"""Points of the density between the boundaries: with this number, levels are exact to four digits.
"""
STEPS = 60
"""The number of bisections of the interval of a boundary."""

MOST_LOOKS = 12
FIRST = 10
"""A look at fewer instances would hardly ever decide, and uses up level."""


def spent(share: float, alpha: float) -> float:
    """Return how much of the level may be used up at a share of all instances."""
    return float(alpha * share**RHO)


@cache
def nominal_levels(sizes: tuple[int, ...], last: int, alpha: float) -> tuple[float, ...]:
    """Return the level of a two-sided test at each look, given the numbers of instances.

    ``last`` is the number at the last look. Claiming a difference at any look where p is below
    its level makes a false claim with probability ``alpha`` at most.
    """
    levels: list[float] = []
    before, used = 0.0, 0.0
    points = np.zeros(1)
    mass = np.ones(1)
    for size in sizes:
        share = size / last
        step = math.sqrt(share - before)
        boundary = _boundary(points, mass, step, spent(share, alpha) - used)
        levels.append(math.erfc(boundary / math.sqrt(2 * share)))
        points, mass = _carried(points, mass, step, boundary)
        before, used = share, spent(share, alpha)
    return tuple(levels)


def _boundary(points: Floats, mass: Floats, step: float, chance: float) -> float:
    """Return the value that a step from the weighted points exceeds with this probability."""
    low, high = 0.0, float(np.abs(points).max()) + 10 * step
    for _ in range(STEPS):
        middle = (low + high) / 2
        if _beyond(points, mass, step, middle) > chance:
            low = middle
        else:
            high = middle
    return high


def _beyond(points: Floats, mass: Floats, step: float, boundary: float) -> float:
    from scipy.special import ndtr  # noqa: PLC0415 - takes a while

    tails = ndtr((-boundary - points) / step) + ndtr((points - boundary) / step)
    return float(mass @ tails)


def _carried(points: Floats, mass: Floats, step: float, boundary: float) -> tuple[Floats, Floats]:
    """Return points between the boundaries with their mass after a step (Simpson)."""
    reached = np.linspace(-boundary, boundary, GRID)
    weights = np.full(GRID, 2.0)
    weights[1::2] = 4.0
    weights[[0, -1]] = 1.0
    weights *= (reached[1] - reached[0]) / 3
    density = np.exp(-(((reached[:, None] - points) / step) ** 2) / 2)
    density /= step * math.sqrt(2 * math.pi)
    return reached, weights * (density @ mass)


def look_sizes(n_instances: int, n_tests: int, alpha: float) -> tuple[int, ...]:
    """Return the numbers of instances of the looks: up to twelve, evenly spaced, and at all.

    The first look is at ten instances, or at half of them if there are fewer than twenty. A look is
    left out if even the smallest p-value of a Wilcoxon test would not suffice for one of
    ``n_tests``.
    """
    step = max(1, math.ceil(n_instances / MOST_LOOKS))
    sizes = range(n_instances, min(FIRST, n_instances // 2) - 1, -step)
    found: tuple[int, ...] = ()
    for size in sorted(sizes):
        level = nominal_levels((*found, size), n_instances, alpha / n_tests)[-1]
        if 2.0 ** (1 - size) < level or size == n_instances:
            found = (*found, size)
    return found


def holm_at_look(
    p_values: Sequence[float], sizes: tuple[int, ...], last: int, alpha: float
) -> list[float]:
    """Return p-values adjusted for several tests at the last of these looks.

    An adjusted one below the level of the look is a claim. The smallest is compared with the level
    from spending ``alpha / m``, the next one with that of ``alpha / (m - 1)``, and so on: Holm's
    procedure at every look (Ye, Li, Liu and Yao 2013), so that the probability of any false claim
    at any look stays below ``alpha``.
    """
    m = len(p_values)
    adjusted = [0.0] * m
    level = nominal_levels(sizes, last, alpha)[-1]
    largest = 0.0
    for i, at in enumerate(sorted(range(m), key=lambda at: p_values[at])):
        factor = level / nominal_levels(sizes, last, alpha / (m - i))[-1]
        largest = max(largest, min(1.0, factor * p_values[at]))
        adjusted[at] = largest
    return adjusted


def conditional_power(p: float, sizes: tuple[int, ...], last: int, alpha: float) -> float:
    """Return the probability that the last look claims a difference under the present trend.

    ``p`` is the two-sided p-value of the last of these looks, which are those so far.
    """
    from scipy.special import ndtr, ndtri  # noqa: PLC0415 - takes a while

    share = sizes[-1] / last
    if share >= 1:
        return 0.0
    final = -float(ndtri(nominal_levels((*sizes, last), last, alpha)[-1] / 2))
    z = -float(ndtri(max(p, 1e-300) / 2))
    return float(ndtr((z / math.sqrt(share) - final) / math.sqrt(1 - share)))
