"""Choose a setting by the statistics of an instance, with the predictions of trees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.selection.forest import Forest
from bench.statistics.arrays import Bools, Floats, Ints

MARGIN = 0.05
"""If the predicted gain is smaller than this (5 %), the single best setting is chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chooser:
    """Chooses among settings, which it knows by their positions.

    ``single_best`` is the setting that was cheapest on average; ``forest`` predicts by how much
    each setting is cheaper or more expensive than the mean of all settings, in logs. If choosing
    gained nothing on instances that the trees had not seen, ``forest`` is None and the choice is
    always the single best. ``fill`` has the median of each feature, which replaces an unknown
    value; ``low`` and ``high`` are the range of each feature in the training data.
    """

    single_best: int
    forest: Forest | None
    fill: Floats
    low: Floats
    high: Floats

    def choices(self, statistics: Floats) -> Ints:
        """Return the setting for each instance, the single best if all its features are unknown."""
        found = np.full(len(statistics), self.single_best, dtype=np.int64)
        known = ~np.isnan(statistics).all(axis=1)
        if self.forest is not None and known.any():
            found[known] = cheapest(self.predicted(statistics[known]), self.single_best)
        return found

    def predicted(self, statistics: Floats) -> Floats:
        """Return the predicted log cost of each setting minus the mean over all settings."""
        if self.forest is None:
            return np.zeros((len(statistics), 1 + self.single_best))
        return self.forest.predict(np.where(np.isnan(statistics), self.fill, statistics))

    def outside(self, statistics: Floats) -> Bools:
        """Return which features of an instance are outside the range of the training data."""
        return np.asarray((statistics < self.low) | (statistics > self.high))


def cheapest(predicted: Floats, single_best: int) -> Ints:
    """Return the cheapest setting by prediction, the single best if the gain is too small."""
    best = predicted.argmin(axis=1)
    gain = predicted[:, single_best] - predicted[np.arange(len(predicted)), best]
    return np.where(gain > MARGIN, best, single_best).astype(np.int64)
