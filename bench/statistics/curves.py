"""Curves over all pairs: performance profile, cactus plot, number solved over time."""

from __future__ import annotations

import numpy as np

from bench.statistics.arrays import Bools, Floats

ROUNDING = 1 + 1e-12


def ratios_to_best(costs: Floats, solved: Bools) -> Floats:
    """Return the cost divided by the least cost on the pair, infinite if not solved.

    ``costs`` and ``solved`` have shape (pairs, settings); only solved results can be best. If the
    best cost is zero, zero becomes 1 and all others are infinite.
    """
    reached = np.where(solved, costs, np.inf)
    best = reached.min(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.where(reached == best, 1.0, reached / best)
    return np.asarray(np.where(solved, ratios, np.inf), dtype=np.float64)


def profile(costs: Floats, solved: Bools, taus: Floats) -> Floats:
    """Return the share of pairs solved within ``tau`` times the best, shape (taus, settings).

    Dolan and More, Mathematical Programming 91 (2002). Pairs that no setting solves stay in the
    denominator. With more than two settings, only the best can be read at 1: the order of the
    others may change if a setting is left out (Gould and Scott 2016).
    """
    ratios = np.sort(ratios_to_best(costs, solved), axis=0)
    within = [np.searchsorted(column, taus * ROUNDING, side="right") for column in ratios.T]
    return np.asarray(np.array(within).T / len(costs), dtype=np.float64)


def cactus(costs: Floats, solved: Bools) -> list[Floats]:
    """Return for each setting the costs of its solved pairs, ascending."""
    return [np.sort(costs[solved[:, at], at]) for at in range(costs.shape[1])]
