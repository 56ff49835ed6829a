"""Tests: Wilcoxon's, McNemar's, Friedman's of several settings, Kruskal and Wallis's of groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from bench.statistics.arrays import Floats

MIN_PAIRS = 6
"""With fewer differing pairs there is no p-value: with five, the exact one is at least 6 %."""
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
    exact, including ties (all sign patterns, counted by dynamic programming); above that it is the
    normal one (`normal_p`). Without differences, p is 1.
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
    """Return the log ratios that differ from zero by at least ``share`` (ipet's filter of 1 %)."""
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


def mcnemar(b: int, c: int) -> float:
    """Return the exact (binomial) two-sided p of ``b`` against ``c`` discordant pairs.

    Without discordant pairs it is 1.
    """
    n = b + c
    return min(1.0, 2 * math.fsum(_binomial(n, k) for k in range(min(b, c) + 1)))


def _binomial(n: int, k: int) -> float:
    """Return the probability of k heads in n tosses of a fair coin."""
    log = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) - n * math.log(2)
    return math.comb(n, k) / 2**n if n < 1000 else math.exp(log)


@dataclass(frozen=True, slots=True, kw_only=True)
class Omnibus:
    """Friedman's test that all settings are equal (ranks by instance), and related values.

    ``f`` is Iman and Davenport's; two average ranks differ if by more than ``critical_difference``
    (Nemenyi; Demsar 2006).
    """

    chi2: float
    p: float
    f: float | None
    p_f: float | None
    critical_difference: float


def ranks(costs: Floats) -> Floats:
    """Return the rank of each setting on each instance (1 is best, ties share)."""
    from scipy.stats import rankdata  # noqa: PLC0415 - takes 0.5 s

    return np.asarray(rankdata(costs, axis=1), dtype=np.float64)


def friedman(ranked: Floats, alpha: float = 0.05) -> Omnibus | None:
    """Return Friedman's test, corrected for ties, for ranks of shape (instances, settings).

    It includes Iman and Davenport's F (1980) and Nemenyi's critical difference (Demsar 2006). None
    with fewer than three settings or two instances, or if all are tied.
    """
    from scipy import stats  # noqa: PLC0415 - takes 0.5 s

    n, k = ranked.shape
    if k < 3 or n < 2:
        return None
    expected = n * k * (k + 1) ** 2 / 4
    spread = float((ranked**2).sum()) - expected
    if spread <= 0:
        return None
    chi2 = (k - 1) * (float((ranked.sum(axis=0) ** 2).sum()) - n * expected) / spread
    rest = n * (k - 1) - chi2
    f = (n - 1) * chi2 / rest if rest > 0 else None
    return Omnibus(
        chi2=chi2,
        p=float(stats.chi2.sf(chi2, k - 1)),
        f=f,
        p_f=None if f is None else float(stats.f.sf(f, k - 1, (k - 1) * (n - 1))),
        critical_difference=studentized(k, alpha) * math.sqrt(k * (k + 1) / (6 * n)),
    )


def kruskal(samples: Sequence[Floats]) -> float | None:
    """Return the p-value of Kruskal and Wallis's test that samples are equal.

    None with fewer than two samples, or if all values are tied.
    """
    from scipy import stats  # noqa: PLC0415 - takes 0.5 s

    if len(samples) < 2 or len(np.unique(np.concatenate(samples))) < 2:
        return None
    return float(stats.kruskal(*samples).pvalue)


@cache
def studentized(n_settings: int, alpha: float = 0.05) -> float:
    """Return the quantile of the studentized range over sqrt(2), for infinite freedom."""
    from scipy.stats import studentized_range  # noqa: PLC0415 - takes 0.5 s

    return float(studentized_range.ppf(1 - alpha, n_settings, np.inf)) / math.sqrt(2)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted by Holm (1979): the rate of any false alarm is below alpha."""
    m = len(p_values)
    adjusted = [0.0] * m
    largest = 0.0
    for i, at in enumerate(sorted(range(m), key=lambda at: p_values[at])):
        largest = max(largest, min(1.0, (m - i) * p_values[at]))
        adjusted[at] = largest
    return adjusted
