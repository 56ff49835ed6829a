"""Performance variability: how much a setting varies over the seeds of an instance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.statistics.arrays import Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Variability:
    """How much a setting varies over seeds: means over instances with at least two.

    ``cv`` is the standard deviation (of the population) over the mean, ``max_over_min`` the ratio
    of the extremes, ``score`` ipet's (``cv / sqrt(n)``).
    """

    n_instances: int
    cv: float
    max_over_min: float
    score: float


def variability(values: Floats, instance: Ints) -> Variability | None:
    """Return the variability of one setting's values, or None without repeated instances.

    ``instance`` tells which instance a value is of. Instances with a mean of zero are left out.
    """
    if not len(values):
        return None
    _, group = np.unique(instance, return_inverse=True)
    n = np.bincount(group)
    mean = np.bincount(group, values) / n
    square = np.bincount(group, (values - mean[group]) ** 2) / n
    most = np.full(len(n), -np.inf)
    least = np.full(len(n), np.inf)
    np.maximum.at(most, group, values)
    np.minimum.at(least, group, values)
    used = (n > 1) & (mean > 0) & (least > 0)
    if not used.any():
        return None
    cv = np.sqrt(square[used]) / mean[used]
    return Variability(
        n_instances=int(used.sum()),
        cv=float(cv.mean()),
        max_over_min=float((most[used] / least[used]).mean()),
        score=float((cv / np.sqrt(n[used])).mean()),
    )
