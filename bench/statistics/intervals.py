"""Intervals of ratios of shifted geometric means, by resampled instances; spread over seeds."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import factorial

import numpy as np

from bench.statistics.arrays import Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A confidence interval: level (0.95) and method (hull; or hull, exhaustive)."""

    low: float
    high: float
    level: float
    method: str


MAX_EXHAUSTIVE = 6
COUNTED = 100_000
"""The number of draws that are counted at once, so that they fit into the cache."""
ROUNDING = 1e-14
"""The largest error of the mean of a million equal logs, relative to the shift."""
MULTIPLIED = 4_000_000
"""The number of counts that are multiplied at once: few calls of a library with its own threads."""


def resampled_means(logs: Floats, n_resamples: int, rng_seed: int) -> Floats:
    """Return means of resampled instances, shape (resamples, settings).

    ``logs`` has shape (instances, settings); a resample includes all settings of an instance, so
    that the comparison stays paired. The same seed draws the same instances.
    """
    n = len(logs)
    rng = np.random.default_rng(rng_seed)
    at_once = max(1, MULTIPLIED // n)
    sizes = [min(at_once, n_resamples - start) for start in range(0, n_resamples, at_once)]
    return np.concatenate([_drawn(size, n, rng) @ logs / n for size in sizes])


def _drawn(n_resamples: int, n: int, rng: np.random.Generator) -> Floats:
    """Return how often each of ``n`` instances is in each resample."""
    weights = np.empty((n_resamples, n))
    at_once = max(1, COUNTED // n)
    for start in range(0, n_resamples, at_once):
        part = weights[start : start + at_once]
        drawn = rng.integers(0, n, size=part.shape)
        drawn += np.arange(len(part))[:, None] * n
        part[:] = np.bincount(drawn.ravel(), minlength=part.size).reshape(part.shape)
    return weights


def exhaustive_means(logs: Floats) -> tuple[Floats, Floats]:
    """Return the means of all n^n resamples, each different one once, and their probabilities."""
    n = len(logs)
    counts = np.array(
        [np.bincount(draw, minlength=n) for draw in combinations_with_replacement(range(n), n)]
    )
    ways = np.array([factorial(n) / np.prod([factorial(c) for c in row]) for row in counts])
    return counts @ logs / n, ways / n**n


def unshifted(means: Floats, shift: float) -> Floats:
    """Return shifted geometric means from means of logs; rounding errors become 0."""
    plain = np.exp(means) - shift
    return np.where(np.abs(plain) < ROUNDING * shift, 0.0, plain)


def ratios(means: Floats, shift: float) -> Floats:
    """Return the ratio of each column's shifted geometric mean to that of the first column.

    NaN if that is 0.
    """
    plain = unshifted(means, shift)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = plain / plain[..., :1]
    return np.where(np.isfinite(found), found, np.nan)


def intervals(
    logs: Floats, shift: float, *, alpha: float, n_resamples: int, rng_seed: int
) -> list[Interval | None]:
    """Return the interval of the ratio of each setting to the first one.

    ``logs`` are the mean logs of shifted values by instance, shape (instances, settings). The
    interval is the smallest one that contains two others: Student's by the delta method, and the
    percentiles of resampled instances at levels that are expanded for their number (Hesterberg
    2015). Either alone can be too narrow: the first if the ratio is skewed, the second with few
    instances. None for the first setting, with one instance, and if a ratio does not exist.
    """
    n, n_settings = logs.shape
    if n < 2:
        return [None] * n_settings
    low, high = expanded_percentiles(
        logs, shift, alpha=alpha, n_resamples=n_resamples, rng_seed=rng_seed
    )
    delta_low, delta_high = delta_interval(logs, shift, alpha)
    ends = np.array((np.fmin(low, delta_low), np.fmax(high, delta_high)))
    ends[:, np.isnan(low + high)] = np.nan
    method = "hull, exhaustive" if n <= MAX_EXHAUSTIVE else "hull"
    return [
        Interval(low=float(low), high=float(high), level=1 - alpha, method=method)
        if at and np.isfinite(low + high)
        else None
        for at, (low, high) in enumerate(ends.T)
    ]


def mean_interval(logs: Floats, shift: float, alpha: float) -> Interval | None:
    """Return Student's interval of a shifted geometric mean; None with one instance.

    ``logs`` are the mean logs of shifted values by instance. It describes the effect of another
    choice of instances, and is far too wide for comparing settings on the same ones. No end is
    below 0, because the values are not.
    """
    n = len(logs)
    if n < 2:
        return None
    centre = float(logs.mean())
    reach = _student(n, alpha) * float(logs.std(ddof=1)) / np.sqrt(n)
    low, high = unshifted(np.array([centre - reach, centre + reach]), shift)
    return Interval(low=max(float(low), 0.0), high=float(high), level=1 - alpha, method="student")


def delta_interval(logs: Floats, shift: float, alpha: float) -> tuple[Floats, Floats]:
    """Return the ends of Student's intervals of the log ratio, by the delta method.

    With m the mean of a setting's logs, ``ln(exp(m) - shift)`` is the log of its mean; its
    derivative converts differences between instances to their effect on the log ratio. NaN if a
    mean is 0.
    """
    n = len(logs)
    means = logs.mean(axis=0)
    plain = unshifted(means, shift)
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = np.exp(means) / plain
        effects = slopes * (logs - means)
        parts = effects - effects[:, :1]
        reach = _student(n, alpha) * parts.std(axis=0, ddof=1) / np.sqrt(n)
        ratio = plain / plain[0]
        ends = ratio * np.exp(-reach), ratio * np.exp(reach)
    known = np.isfinite(ends[0]) & np.isfinite(ends[1]) & (ratio > 0)
    low, high = (np.where(known, end, np.nan) for end in ends)
    return low, high


def expanded_percentiles(
    logs: Floats, shift: float, *, alpha: float, n_resamples: int, rng_seed: int
) -> tuple[Floats, Floats]:
    """Return the ends of percentile intervals at levels expanded for few instances.

    They are those of a normal distribution at ``sqrt(n / (n - 1))`` times Student's quantile: the
    bootstrap's variance is too small by ``(n - 1) / n``, and its tails are those of the normal.
    """
    from scipy.special import ndtr  # noqa: PLC0415 - takes a while

    n = len(logs)
    tail = float(ndtr(-np.sqrt(n / (n - 1)) * _student(n, alpha)))
    tails = np.array([tail, 1 - tail])
    return percentiles(logs, shift, tails, n_resamples=n_resamples, rng_seed=rng_seed)


def percentiles(
    logs: Floats, shift: float, levels: Floats, *, n_resamples: int, rng_seed: int
) -> tuple[Floats, Floats]:
    """Return two quantiles of the ratios to the first setting over resampled instances.

    Up to six instances, all n^n resamples are used. NaN if a resample has no ratio.
    """
    n = len(logs)
    if n <= MAX_EXHAUSTIVE:
        means, chances = exhaustive_means(logs)
        low, high = _weighted_quantiles(ratios(means, shift), chances * n**n, levels)
    else:
        sample = ratios(resampled_means(logs, n_resamples, rng_seed), shift)
        low, high = _quantiles(sample, levels)
    return low, high


def _student(n: int, alpha: float) -> float:
    """Return the two-sided quantile of Student's distribution for n values."""
    from scipy.special import stdtrit  # noqa: PLC0415 - takes a while

    return float(stdtrit(n - 1, 1 - alpha / 2))


def _quantiles(sample: Floats, levels: Floats) -> Floats:
    known = np.isfinite(sample).all(axis=0)
    ends = np.full((len(levels), sample.shape[1]), np.nan)
    ends[:, known] = np.quantile(sample[:, known], levels, axis=0)
    return ends


def _weighted_quantiles(sample: Floats, counts: Floats, levels: Floats) -> Floats:
    """Return numpy's linear quantiles of a sample in which each value occurs ``counts`` times."""
    places = levels * (counts.sum() - 1)
    below, above = np.floor(places), np.ceil(places)
    ends = []
    for column in sample.T:
        order = np.argsort(column, kind="stable")
        reached = np.cumsum(counts[order])
        at = column[order]
        low = at[np.searchsorted(reached, below, side="right")]
        high = at[np.searchsorted(reached, above, side="right")]
        ends.append(low + (high - low) * (places - below))
    return np.array(ends).T


@dataclass(frozen=True, slots=True, kw_only=True)
class Variability:
    """The variation of a setting over seeds: means over instances with at least two.

    ``cv`` is the standard deviation (of the population) divided by the mean, ``max_over_min`` the
    ratio of the extremes, ``score`` ipet's (``cv / sqrt(n)``).
    """

    n_instances: int
    cv: float
    max_over_min: float
    score: float


def variability(values: Floats, instance: Ints) -> Variability | None:
    """Return the variability of one setting's values, or None without repeated instances.

    ``instance`` is the instance of each value. Instances with a mean of zero are left out.
    """
    if not len(values):
        return None
    _, group = np.unique(instance, return_inverse=True)
    n = np.bincount(group)
    mean = np.bincount(group, values) / n
    square = np.bincount(group, (values - mean[group]) ** 2) / n
    most = np.full(len(n), -np.inf)
    least = np.full(len(n), np.inf)
    np.maximum.at(most, group, values)
    np.minimum.at(least, group, values)
    used = (n > 1) & (mean > 0) & (least > 0)
    if not used.any():
        return None
    cv = np.sqrt(square[used]) / mean[used]
    return Variability(
        n_instances=int(used.sum()),
        cv=float(cv.mean()),
        max_over_min=float((most[used] / least[used]).mean()),
        score=float((cv / np.sqrt(n[used])).mean()),
    )
