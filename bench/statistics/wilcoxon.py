"""Wilcoxon's signed-rank test on paired log ratios, exact with ties."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from bench.statistics.arrays import Floats

MIN_PAIRS = 10
"""Fewer pairs than these that differ get no p-value, as in ipet."""
MAX_EXACT = 100
SAME_RANK_DIGITS = 12


@dataclass(frozen=True, slots=True)
class SignedRanks:
    """The sums of the ranks of positive and negative differences, and the two-sided p."""

    n: int
    plus: float
    minus: float
    p: float


def wilcoxon(differences: Floats) -> SignedRanks:
    """Return the two-sided test that differences are symmetric about zero.

    Zeros are dropped, ties share their average rank. Up to 100 differences the distribution is
    exact, ties included (all sign patterns, counted by dynamic programming); beyond it is the
    normal one (`normal_p`). Of nothing, p is 1.
    """
    kept = differences[differences != 0]
    if not len(kept):
        return SignedRanks(0, 0.0, 0.0, 1.0)
    ranks = _ranks(kept)
    plus = float(ranks[kept > 0].sum())
    minus = float(ranks.sum()) - plus
    p = _exact(ranks, min(plus, minus)) if len(kept) <= MAX_EXACT else normal_p(kept)
    return SignedRanks(len(kept), plus, minus, p)


def normal_p(differences: Floats) -> float:
    """Return the two-sided p of the normal approximation, with the variance corrected for ties.

    Zeros are dropped.
    """
    kept = differences[differences != 0]
    ranks = _ranks(kept)
    centre = abs(float((np.sign(kept) * ranks).sum())) / 2
    deviation = math.sqrt(float((ranks**2).sum()) / 4)
    return math.erfc(centre / deviation / math.sqrt(2)) if deviation else 1.0


def differing(log_ratios: Floats, share: float = 0.01) -> Floats:
    """Return the log ratios that differ by at least ``share`` (ipet's filter of 1 %)."""
    return log_ratios[np.abs(log_ratios) >= math.log1p(share)]


def _ranks(differences: Floats) -> Floats:
    from scipy.stats import rankdata  # noqa: PLC0415 - takes 0.5 s

    sizes = np.round(np.abs(differences), SAME_RANK_DIGITS)
    return np.asarray(rankdata(sizes), dtype=np.float64)


def _exact(ranks: Floats, least: float) -> float:
    doubled = np.rint(2 * ranks).astype(np.int64)
    chance = np.zeros(int(doubled.sum()) + 1)
    chance[0] = 1.0
    for rank in doubled:
        with_it = np.zeros_like(chance)
        with_it[rank:] = chance[: len(chance) - rank]
        chance = (chance + with_it) / 2
    return min(1.0, 2 * float(chance[: round(2 * least) + 1].sum()))
