"""Friedman's test over several settings, and the tests that follow it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from bench.statistics.arrays import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Omnibus:
    """Friedman's test that all settings are alike (ranks by instance), and what follows it.

    ``f`` is Iman and Davenport's; two average ranks differ if by more than
    ``critical_difference`` (Nemenyi; Demsar 2006).
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
    """Return Friedman's test, corrected for ties, of ranks of shape (instances, settings).

    With it Iman and Davenport's F (1980) and Nemenyi's critical difference (Demsar 2006). None
    with fewer than three settings or two instances, or where all are tied.
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


@cache
def studentized(n_settings: int, alpha: float = 0.05) -> float:
    """Return the quantile of the studentized range over sqrt(2), for infinite freedom."""
    from scipy.stats import studentized_range  # noqa: PLC0415 - takes 0.5 s

    return float(studentized_range.ppf(1 - alpha, n_settings, np.inf)) / math.sqrt(2)
