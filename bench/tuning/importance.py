"""The importance of parameters: how much of the candidates' differences each change explains.

A candidate changes a parameter or does not; the importance of the parameter is the share of the
variance of log ratios between these two groups. Chance also explains a part: the share is compared
with those after shuffling the ratios. Candidates are not a random sample, because samplers prefer
regions with good results. The importance is therefore only a hint; the ablation is a measurement.

optuna's fANOVA is not used: its forest needs a value of each parameter for each candidate, and a
candidate here changes a few parameters on top of an emphasis, which sets many others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bench.model.setting import ParameterValue
from bench.statistics.arrays import Floats
from bench.tuning.candidate import STOCK
from bench.tuning.race import Standing

LEAST_GROUP = 3
"""The least number of candidates that change a parameter, and of those that do not."""
N_SHUFFLES = 2000
MOST_VALUES = 4
"""A parameter with more different numbers is shown in ranges."""
N_RANGES = 3
CHANCE = 0.95
"""The quantile of shuffled shares that defines chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """The part of the candidates' ratios that the change of a parameter or an emphasis explains.

    ``ratio`` is the mean ratio of the ``n`` candidates with the change to those without. ``share``
    is the share of the variance, ``chance`` is the share that random shuffles reach in one of 20
    cases.
    """

    label: str
    n: int
    ratio: float
    share: float
    chance: float

    @property
    def stands_out(self) -> bool:
        """Whether it explains more than chance does."""
        return self.share > self.chance


def to_stock(standings: Sequence[Standing]) -> list[float]:
    """Return the log ratio to stock of each standing, by those of the incumbents in between."""
    found: list[float] = []
    won: dict[int, float] = {}
    for one in standings:
        of_incumbent = sum(value for number, value in won.items() if number < one.round)
        found.append(of_incumbent + one.log_ratio)
        if one.won:
            won[one.round] = one.log_ratio
    return found


def importances(standings: Sequence[Standing]) -> list[Importance]:
    """Return the importance of each change that enough candidates have, the largest first."""
    known = [
        (one, log)
        for one, log in zip(standings, to_stock(standings), strict=True)
        if math.isfinite(log)
    ]
    if not known:
        return []
    logs = np.array([log for _, log in known])
    labels = [_changes(one) for one, _ in known]
    generator = np.random.default_rng(0)
    shuffled = generator.permuted(np.tile(logs, (N_SHUFFLES, 1)), axis=1)
    found = []
    for label in sorted(set().union(*labels)):
        has = np.array([label in each for each in labels])
        n = int(has.sum())
        if min(n, len(logs) - n) < LEAST_GROUP:
            continue
        found.append(
            Importance(
                label=label,
                n=n,
                ratio=float(np.exp(logs[has].mean() - logs[~has].mean())),
                share=float(_shares(logs[np.newaxis], has)[0]),
                chance=float(np.quantile(_shares(shuffled, has), CHANCE)),
            )
        )
    return sorted(found, key=lambda one: -one.share)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueEffect:
    """The candidates that give a parameter one of some values: their mean ratio to stock.

    ``values`` is a value, or a range of numbers; ``n`` is the number of candidates.
    """

    label: str
    values: str
    n: int
    ratio: float


def value_effects(standings: Sequence[Standing], labels: Sequence[str]) -> list[ValueEffect]:
    """Return the effect of the values of each parameter, in their order; none for emphases."""
    found: list[ValueEffect] = []
    for label in labels:
        known = [
            (one.candidate.changes[label], log)
            for one, log in zip(standings, to_stock(standings), strict=True)
            if label in one.candidate.changes and math.isfinite(log)
        ]
        found += [
            ValueEffect(
                label=label,
                values=text,
                n=len(logs),
                ratio=math.exp(sum(logs) / len(logs)),
            )
            for text, logs in _by_value(known).items()
        ]
    return found


def _by_value(known: Sequence[tuple[ParameterValue, float]]) -> dict[str, list[float]]:
    """Return the logs of each value, or of ranges of many different numbers, by their names."""
    numbers = {value for value, _ in known if not isinstance(value, bool | str)}
    if len(numbers) <= MOST_VALUES:
        groups: dict[str, list[float]] = {}
        for value, log in sorted(known, key=lambda one: (str(type(one[0])), one[0])):
            text = f"{value:.6g}" if isinstance(value, float) else str(value)
            groups.setdefault(text, []).append(log)
        return groups
    ordered = sorted((float(value), log) for value, log in known)
    ends = [round(len(ordered) * part / N_RANGES) for part in range(N_RANGES + 1)]
    return {
        f"{part[0][0]:.3g} to {part[-1][0]:.3g}": [log for _, log in part]
        for part in (ordered[low:high] for low, high in pairwise(ends))
    }


def _changes(one: Standing) -> set[str]:
    starts = set() if one.candidate.start == STOCK else set(one.candidate.start.split(" "))
    return starts | set(one.candidate.changes)


def _shares(rows: Floats, has: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
    """Return the share of each row's variance that is between the two groups."""
    n = rows.shape[1]
    whole = rows.var(axis=1) * n
    distance = rows[:, has].mean(axis=1) - rows[:, ~has].mean(axis=1)
    between = distance**2 * has.sum() * (~has).sum() / n
    return np.asarray(np.divide(between, whole, out=np.zeros_like(whole), where=whole > 0))
