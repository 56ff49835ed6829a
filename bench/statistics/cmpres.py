"""What SCIP's ``cmpres.awk`` prints beside its table: a Wilcoxon z and a score."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from bench.statistics.arrays import Floats

MIN_DIFFERENCE = 0.01
RESOLUTION_S = 0.001
CORRECTED_UP_TO = 60


@dataclass(frozen=True, slots=True)
class Cmpres:
    """Its signed ranks: number, sums of ranks of either sign, and z (above 1.96 is 5 %)."""

    n: int
    plus: float
    minus: float
    z: float


def signed_ranks(times: Floats, others: Floats, limit_s: float) -> Cmpres | None:
    """Return the test of ``others`` against ``times`` as the script does it, or None of nothing.

    Times are clipped (0.5 s) and then rounded up to milliseconds. Pairs count that differ by 0.01
    s and 1 %; they are ranked by their ratio, signed by who is slower, and a single timeout ranks
    as the limit. Up to 60 pairs z is corrected for continuity. It says nothing below 20 pairs.
    """
    from scipy.stats import rankdata  # noqa: PLC0415 - takes 0.5 s

    first, second = _rounded_up(times), _rounded_up(others)
    difference = np.abs(second - first)
    largest = np.maximum(np.maximum(first, second), 1)
    used = (difference > MIN_DIFFERENCE) & (difference / largest > MIN_DIFFERENCE)
    first, second = first[used], second[used]
    if not len(first):
        return None
    signed = np.where(second < first, -first / second, second / first)
    signed = np.where((first >= limit_s) & (second < limit_s), -limit_s, signed)
    signed = np.where((first < limit_s) & (second >= limit_s), limit_s, signed)
    ranks = rankdata(np.round(np.minimum(np.abs(signed), limit_s), 7))
    plus, minus = float(ranks[signed > 0].sum()), float(ranks[signed < 0].sum())
    return Cmpres(len(first), plus, minus, _z(len(first), min(plus, minus)))


def score(times: Floats, others: Floats) -> float:
    """Return the geometric mean of ``times / others``, each ratio within 0.1 and 10."""
    return float(np.exp(np.log(np.clip(times / others, 0.1, 10.0)).mean()))


def _rounded_up(times: Floats) -> Floats:
    steps = times / RESOLUTION_S
    return np.asarray(np.where(steps == np.floor(steps), steps, np.floor(steps + 1)) * RESOLUTION_S)


def _z(n: int, least: float) -> float:
    deviation = math.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    distance = least - n * (n + 1) / 4
    return (abs(distance) - 0.5) / deviation if n <= CORRECTED_UP_TO else distance / deviation
