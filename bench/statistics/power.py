"""Power: how many instances or seeds are needed to detect an effect."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

POWER = 0.8


@dataclass(frozen=True, slots=True)
class Needed:
    """The additional instances or seeds; ``seeds`` is None if no number of seeds suffices."""

    instances: int
    seeds: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The variation of paired log ratios.

    ``deviation`` is the standard deviation over ``n_instances`` of the instances' mean log ratios,
    each over ``n_seeds``; ``within`` is that within instances (None: unknown).
    """

    deviation: float
    within: float | None
    n_instances: int
    n_seeds: float


def needed(spread: Spread, effect: float, alpha: float, power: float = POWER) -> Needed:
    """Return how many more instances, or seeds, detect a log ratio of ``effect``.

    The normal approximation for a two-sided paired test, ``n = ((z(1 - alpha/2) + z(power))
    deviation / effect)^2``. More seeds only reduce the part of the variance within instances:
    ``deviation^2 = between^2 + within^2 / seeds``.
    """
    normal = NormalDist()
    z = normal.inv_cdf(1 - alpha / 2) + normal.inv_cdf(power)
    instances = math.ceil((z * spread.deviation / effect) ** 2)
    more = max(0, instances - spread.n_instances)
    return Needed(more, _seeds(spread, effect / z) if more else 0)


def _seeds(spread: Spread, error: float) -> int | None:
    if spread.within is None:
        return None
    between = max(0.0, spread.deviation**2 - spread.within**2 / spread.n_seeds)
    left = error**2 * spread.n_instances - between
    if left <= 0:
        return None
    return max(1, math.ceil(spread.within**2 / left - spread.n_seeds))
