"""McNemar's test: which of two settings solves what the other does not."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class McNemar:
    """The test of ``b`` against ``c`` discordant pairs (two-sided).

    ``p_exact`` is binomial, ``p_mid`` counts the observed outcome half; ``chi2`` is without
    correction for continuity, ``chi2_corrected`` with it.
    """

    b: int
    c: int
    p_exact: float
    p_mid: float
    chi2: float
    p_chi2: float
    chi2_corrected: float
    p_corrected: float


def mcnemar(b: int, c: int) -> McNemar:
    """Return McNemar's test; without discordant pairs every p is 1."""
    n = b + c
    if n == 0:
        return McNemar(b, c, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0)
    least = min(b, c)
    tail = math.fsum(_binomial(n, k) for k in range(least + 1))
    exact = min(1.0, 2 * tail)
    at_least = _binomial(n, least)
    mid = 1 - at_least / 2 if b == c else exact - at_least
    chi2 = (b - c) ** 2 / n
    corrected = max(abs(b - c) - 1, 0) ** 2 / n
    return McNemar(b, c, exact, mid, chi2, _chi2_tail(chi2), corrected, _chi2_tail(corrected))


def _binomial(n: int, k: int) -> float:
    log = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) - n * math.log(2)
    return math.comb(n, k) / 2**n if n < 1000 else math.exp(log)


def _chi2_tail(chi2: float) -> float:
    return math.erfc(math.sqrt(chi2 / 2))
