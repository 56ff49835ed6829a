"""Wilcoxon's signed-rank test on paired log ratios, exact with ties."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from bench.analysis.arrays import Floats

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
    exact, ties included (all sign patterns, counted by dynamic programming); beyond, normal with
    the variance corrected for ties and no correction for continuity. Of nothing, p is 1.
    """
    from scipy.stats import rankdata  # noqa: PLC0415 - takes 0.5 s

    kept = differences[differences != 0]
    if not len(kept):
        return SignedRanks(0, 0.0, 0.0, 1.0)
    ranks = rankdata(np.round(np.abs(kept), SAME_RANK_DIGITS))
    plus = float(ranks[kept > 0].sum())
    total = float(ranks.sum())
    least = min(plus, total - plus)
    p = _exact(ranks, least) if len(kept) <= MAX_EXACT else _normal(ranks, least)
    return SignedRanks(len(kept), plus, total - plus, p)


def differing(log_ratios: Floats, share: float = 0.01) -> Floats:
    """Return the log ratios that differ by at least ``share`` (ipet's filter of 1 %)."""
    return log_ratios[np.abs(log_ratios) >= math.log1p(share)]


def _exact(ranks: Floats, least: float) -> float:
    doubled = np.rint(2 * ranks).astype(np.int64)
    chance = np.zeros(int(doubled.sum()) + 1)
    chance[0] = 1.0
    for rank in doubled:
        with_it = np.zeros_like(chance)
        with_it[rank:] = chance[: len(chance) - rank]
        chance = (chance + with_it) / 2
    return min(1.0, 2 * float(chance[: round(2 * least) + 1].sum()))


def _normal(ranks: Floats, least: float) -> float:
    n = len(ranks)
    deviation = math.sqrt(float((ranks**2).sum()) / 4)
    z = (least - n * (n + 1) / 4) / deviation
    return min(1.0, math.erfc(abs(z) / math.sqrt(2)))
