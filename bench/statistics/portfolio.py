"""Portfolios: what choosing among settings by instance can gain."""

from __future__ import annotations

import numpy as np

from bench.statistics.arrays import Floats


def contributions(costs: Floats) -> Floats:
    """Return by how much the mean of the virtual best grows without each setting.

    ``costs`` has shape (blocks, settings); a setting that contributes nothing is never alone best.
    """
    best = costs.min(axis=1).mean()
    without = [np.delete(costs, at, axis=1).min(axis=1).mean() for at in range(costs.shape[1])]
    return np.asarray(np.array(without) - best, dtype=np.float64)


def gap_closed(chosen: float, single_best: float, virtual_best: float) -> float | None:
    """Return how far a choice by instance comes from the single best (0) to the virtual best (1).

    All three are means of the same cost; below 0 the choice is worse than always taking the single
    best. None where both are equal. One minus it is ASlib's m-hat.
    """
    if single_best == virtual_best:
        return None
    return (single_best - chosen) / (single_best - virtual_best)
