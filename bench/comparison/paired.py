"""Each setting against the baseline on the same pairs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bench.comparison.comparison import BaselineDifference
from bench.comparison.evidence import Hidden, bounded, evidence
from bench.comparison.options import Options
from bench.statistics.arrays import Bools, Floats, Ints, number
from bench.statistics.censored import CensoredRatio, censored_ratio
from bench.statistics.intervals import intervals, ratios
from bench.statistics.tests import MIN_PAIRS, differing, holm, mcnemar, wilcoxon


@dataclass(frozen=True, slots=True)
class Sample:
    """Pairs of a subset, all of them or those that count: shape (pairs, settings).

    The baseline is first. ``costs`` are clipped; ``instance`` counts the instances of these pairs
    from 0 without gaps.
    """

    costs: Floats
    solved: Bools
    instance: Ints

    @property
    def n_instances(self) -> int:
        """The number of instances."""
        return int(self.instance[-1]) + 1 if len(self.instance) else 0

    def by_instance(self, values: Floats) -> Floats:
        """Return the mean over the pairs of each instance."""
        if not len(self.instance):
            return np.zeros((0, values.shape[1]))
        starts = np.flatnonzero(np.diff(self.instance, prepend=-1))
        sums = np.add.reduceat(values, starts, axis=0)
        return np.asarray(sums / np.diff(starts, append=len(self.instance))[:, None])


def against_baseline(
    counted: Sample, hidden: Hidden, everything: Sample, options: Options
) -> list[BaselineDifference | None]:
    """Return the comparison of each setting with the first one; None for itself.

    Means and tests use the pairs in ``counted``, and ``hidden`` refers to the same pairs; counts of
    more solved, wins and losses use ``everything``, including failures.
    """
    n_settings = everything.costs.shape[1]
    pairs = [_solving(everything, at, options) for at in range(1, n_settings)]
    if counted.n_instances:
        pairs = _adjusted(_with_costs(counted, hidden, pairs, options), options)
    return [None, *pairs]


def _solving(everything: Sample, at: int, options: Options) -> BaselineDifference:
    """Return how often a setting solves more, wins and loses against the first one."""
    shares = everything.by_instance(everything.solved[:, [0, at]].astype(np.float64))
    more = int((shares[:, 1] > shares[:, 0]).sum())
    less = int((shares[:, 1] < shares[:, 0]).sum())
    wins, losses = wins_and_losses(everything, at, options)
    return BaselineDifference(
        ratio=None,
        interval=None,
        wins=wins,
        losses=losses,
        ties=len(everything.costs) - wins - losses,
        n_pairs=0,
        p_wilcoxon=None,
        p_holm=None,
        solved_more=more,
        solved_less=less,
        p_mcnemar=mcnemar(more, less),
        score=None,
    )


def _with_costs(
    counted: Sample, hidden: Hidden, pairs: list[BaselineDifference], options: Options
) -> list[BaselineDifference]:
    """Return the differences with their ratios, intervals and tests."""
    logs = np.log(counted.costs + options.shift_used)
    means = counted.by_instance(logs)
    estimate = ratios(means.mean(axis=0), options.shift_used)
    ends = intervals(
        means,
        options.shift_used,
        alpha=options.alpha,
        n_resamples=options.n_resamples,
        rng_seed=options.rng_seed,
    )
    found = []
    for at, pair in enumerate(pairs, start=1):
        differences = means[:, at] - means[:, 0]
        kept = differing(differences)
        found.append(
            replace(
                pair,
                ratio=number(estimate[at]),
                interval=ends[at],
                n_pairs=len(kept),
                p_wilcoxon=wilcoxon(kept).p if len(kept) >= MIN_PAIRS else None,
                score=_score(counted, at),
                deviation=_deviation(differences),
                deviation_seeds=_within(logs[:, at] - logs[:, 0], counted),
                evidence=evidence(hidden, counted.instance, at),
                tobit=_tobit(logs[:, at] - logs[:, 0], hidden, counted.instance, at, options.alpha),
            )
        )
    return found


def wins_and_losses(sample: Sample, at: int, options: Options) -> tuple[int, int]:
    """Return on how many pairs a setting is better and worse than the first one.

    As in SCIP's ``cmpres.awk``: a setting is better if it solves a pair that the other does not, or
    if it is faster by the tolerances.
    """
    mine, solved = sample.costs[:, at], sample.solved[:, at]
    other, other_solved = sample.costs[:, 0], sample.solved[:, 0]
    better = solved & (_faster(mine, other, options) | ~other_solved)
    worse = ~better & other_solved & (_faster(other, mine, options) | ~solved)
    return int(better.sum()), int(worse.sum())


def _faster(a: Floats, b: Floats, options: Options) -> Bools:
    return np.asarray((a < b / options.ratio_tolerance) & (a <= b - options.difference_tolerance))


def _score(sample: Sample, at: int) -> float | None:
    """Return the geometric mean of baseline / setting, each ratio within 0.1 and 10.

    As SCIP's ``cmpres.awk`` prints it; None if no pair has a cost for both.
    """
    both = (sample.costs[:, at] > 0) & (sample.costs[:, 0] > 0)
    gains = sample.costs[both, 0] / sample.costs[both, at]
    return float(np.exp(np.log(np.clip(gains, 0.1, 10.0)).mean())) if both.any() else None


def _tobit(
    log_ratios: Floats, hidden: Hidden, instance: Ints, at: int, alpha: float
) -> CensoredRatio | None:
    if not hidden.cut[:, [0, at]].any():
        return None
    return censored_ratio(*bounded(log_ratios, hidden, instance, at), alpha)


def _deviation(differences: Floats) -> float | None:
    return float(differences.std(ddof=1)) if len(differences) > 1 else None


def _within(differences: Floats, sample: Sample) -> float | None:
    """Return the pooled standard deviation within instances; None without repeated ones."""
    n = np.bincount(sample.instance)
    freedom = int((n - 1).sum())
    if not freedom:
        return None
    centre = np.bincount(sample.instance, differences) / n
    return float(np.sqrt(((differences - centre[sample.instance]) ** 2).sum() / freedom))


def _adjusted(pairs: list[BaselineDifference], options: Options) -> list[BaselineDifference]:
    tested = [at for at, difference in enumerate(pairs) if difference.p_wilcoxon is not None]
    found = [pairs[at].p_wilcoxon or 0.0 for at in tested]
    p_values = options.look.adjusted(found) if options.look else holm(found)
    adjusted = dict(zip(tested, p_values, strict=True))
    return [replace(difference, p_holm=adjusted.get(at)) for at, difference in enumerate(pairs)]
