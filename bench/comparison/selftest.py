"""The self-test: how often the comparison finds differences, with and without a real one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bench.comparison.costs import costs, have_logarithms, limits
from bench.comparison.normalize import newest, normalize
from bench.comparison.options import Options
from bench.comparison.paired import Sample
from bench.comparison.pairs import arranged, numbered, unnamed_baseline
from bench.errors import UsageError
from bench.statistics.arrays import Floats
from bench.statistics.intervals import intervals
from bench.statistics.tests import MIN_PAIRS, differing, wilcoxon


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTest:
    """The outcome of ``n_rounds`` comparisons of a setting with itself.

    In each round, the seeds of every instance are divided between two copies of the setting.
    ``alarms`` counts the rounds that claimed a difference. ``detections`` counts those that claimed
    one after the second copy was made slower by ``effect`` (0.1 is 10 %).
    """

    setting: str
    n_rounds: int
    n_instances: int
    n_blocks: int
    alpha: float
    alarms: int
    effect: float
    detections: int

    @property
    def rate(self) -> float:
        """The share of false alarms."""
        return self.alarms / self.n_rounds

    @property
    def power(self) -> float:
        """The share of rounds that found the artificial effect."""
        return self.detections / self.n_rounds

    @property
    def holds(self) -> bool:
        """Whether false alarms are as rare as promised, within chance (two standard errors)."""
        error = math.sqrt(self.alpha * (1 - self.alpha) / self.n_rounds)
        return self.rate <= self.alpha + 2 * error


def selftest(
    frame: pd.DataFrame,
    options: Options | None = None,
    *,
    setting: str | None = None,
    n_rounds: int = 1000,
    effect: float = 0.1,
) -> SelfTest:
    """Return the results of comparing one setting with itself.

    ``setting`` is the first one if not given. The decision is that of a comparison of two settings:
    the interval does not contain 1 and the Wilcoxon test is below ``alpha``. Raise UsageError if
    there is no such setting, or fewer than six instances have two seeds.
    """
    options = options or Options()
    sample, name = _repeated(frame, options, setting, 1.0 + effect)
    rng = np.random.default_rng(options.rng_seed)
    alarms = detections = 0
    for _ in range(n_rounds):
        first, second = _dealt(sample, rng)
        alarms += _claims(sample, first, second, 0, options)
        detections += _claims(sample, first, second, 1, options)
    return SelfTest(
        setting=name,
        n_rounds=n_rounds,
        n_instances=sample.n_instances,
        n_blocks=len(sample.costs),
        alpha=options.alpha,
        alarms=alarms,
        effect=effect,
        detections=detections,
    )


def _repeated(
    frame: pd.DataFrame, options: Options, setting: str | None, factor: float
) -> tuple[Sample, str]:
    """Return the counted values of a setting on the instances that have two seeds or more.

    The first column is as recorded, the second is slower by a factor and at most the time limit.
    """
    results = newest(normalize(frame)[0])[0]
    names = [str(name) for name in results["setting"].unique()]
    name = setting or options.baseline or unnamed_baseline(names)
    if name not in names:
        raise UsageError(f"there is no setting {name!r}; there are: {', '.join(sorted(names))}")
    pairs = arranged(results[results["setting"] == name], (name,))
    spent = costs(pairs, options.of, options.failures, options.timeouts)
    have_logarithms(spent, options)
    instance = numbered(pairs.instance[spent.counted])
    several = np.bincount(instance)[instance] > 1 if len(instance) else instance > 0
    plain = spent.amounts[spent.counted][several]
    most = np.maximum(limits(pairs, options.of)[spent.counted][several], plain)
    slower = np.fmin(factor * plain, most)
    amounts = np.maximum(np.hstack((plain, slower)), options.clip_used or 0.0)
    sample = Sample(amounts, amounts > 0, numbered(instance[several]))
    if sample.n_instances < MIN_PAIRS:
        raise UsageError(
            f"{sample.n_instances} instances have results of {name!r} with at least two seeds; a "
            f"self-test needs {MIN_PAIRS}"
        )
    return sample, name


def _dealt(sample: Sample, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return the weights of two random halves of each instance's pairs."""
    order = np.lexsort((rng.random(len(sample.instance)), sample.instance))
    n = np.bincount(sample.instance)
    half = (n // 2)[sample.instance]
    starts = np.concatenate(([0], np.cumsum(n)[:-1]))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order)) - starts[sample.instance]
    first = np.where(place < half, 1 / half, 0.0)
    second = np.where((place >= half) & (place < 2 * half), 1 / half, 0.0)
    return first, second


def _claims(sample: Sample, first: Floats, second: Floats, column: int, options: Options) -> bool:
    """Return whether a difference between the halves is claimed, with the second from a column."""
    shift, costs_of = options.shift_used, sample.costs.T
    halves = ((first, costs_of[0]), (second, costs_of[column]))
    sums = [np.bincount(sample.instance, part * np.log(x + shift)) for part, x in halves]
    means: Floats = np.stack(sums, axis=1).astype(np.float64)
    kept = differing(means[:, 1] - means[:, 0])
    if len(kept) < MIN_PAIRS or wilcoxon(kept).p >= options.alpha:
        return False
    interval = intervals(
        means,
        shift,
        alpha=options.alpha,
        n_resamples=options.n_resamples,
        rng_seed=options.rng_seed,
    )[1]
    return interval is not None and not interval.low <= 1 <= interval.high
