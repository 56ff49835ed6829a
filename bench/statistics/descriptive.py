"""Descriptive statistics of one sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.statistics.arrays import Floats

QUANTILES = (0.1, 0.25, 0.75, 0.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptive:
    """A sample in numbers; None if it is too small.

    ``deviation_population`` divides by the count, ``deviation_sample`` by the count minus one.
    ``quantiles`` are pairs of level and value, linear between values (type 7 of Hyndman and Fan
    1996, the default of numpy and R).
    """

    count: int
    sum: float
    mean: float | None
    median: float | None
    deviation_population: float | None
    deviation_sample: float | None
    minimum: float | None
    maximum: float | None
    quantiles: tuple[tuple[float, float | None], ...]


def descriptive(values: Floats, quantiles: Sequence[float] = QUANTILES) -> Descriptive:
    """Return the statistics of a sample, which may be empty."""
    n = len(values)
    if not n:
        return Descriptive(
            count=0,
            sum=0.0,
            mean=None,
            median=None,
            deviation_population=None,
            deviation_sample=None,
            minimum=None,
            maximum=None,
            quantiles=tuple((level, None) for level in quantiles),
        )
    return Descriptive(
        count=n,
        sum=float(values.sum()),
        mean=float(values.mean()),
        median=float(np.median(values)),
        deviation_population=float(values.std()),
        deviation_sample=float(values.std(ddof=1)) if n > 1 else None,
        minimum=float(values.min()),
        maximum=float(values.max()),
        quantiles=tuple((level, float(np.quantile(values, level))) for level in quantiles),
    )
