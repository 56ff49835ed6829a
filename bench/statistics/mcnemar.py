"""McNemar's test: which of two settings solves what the other does not."""

from __future__ import annotations

import math


def mcnemar(b: int, c: int) -> float:
    """Return the exact (binomial) two-sided p of ``b`` against ``c`` discordant pairs.

    Without discordant pairs it is 1.
    """
    n = b + c
    return min(1.0, 2 * math.fsum(_binomial(n, k) for k in range(min(b, c) + 1)))


def _binomial(n: int, k: int) -> float:
    log = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) - n * math.log(2)
    return math.comb(n, k) / 2**n if n < 1000 else math.exp(log)
