"""How good a selector is on instances that it has not seen: the share of the gap that it closes.

The single best is the setting that is cheapest on average over the instances that were learned
from; always taking it is what a selector has to beat. The virtual best is the cheapest setting of
each instance. Costs are means of ln(PAR10 + 1 s), so that ratios count and not seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bench.errors import UsageError
from bench.selection.examples import Examples
from bench.selection.learning import chosen, fitted
from bench.statistics.arrays import Bools, Floats, Ints

FOLDS = 10
MARGIN = 0.05
"""A predicted gain of less than this (5 %) is not worth leaving the single best."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GapClosed:
    """What a selector reaches on unseen instances.

    ``share`` of the gap between single and virtual best is closed: 1 is the virtual best, 0 the
    single best, below 0 is worse; None where there is no gap. ``low`` and ``high`` are the ends of
    the interval over resampled instances. ``selector``, ``single_best`` and ``virtual_best`` are
    shifted geometric means of PAR10 in seconds.
    """

    n_instances: int
    share: float | None
    low: float | None
    high: float | None
    selector_s: float
    single_best_s: float
    virtual_best_s: float

    @property
    def helps(self) -> bool:
        """Whether the interval says that choosing by instance beats the single best."""
        return self.low is not None and self.low > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A selector on unseen instances of known families, and on unseen families (None: one)."""

    examples: Examples
    single_best: str
    known_families: GapClosed
    unseen_families: GapClosed | None


def evaluate(found: Examples, *, n_resamples: int = 2000, seed: int = 1) -> Evaluation:
    """Return what a selector that learns from a part of the instances does on the others."""
    if len(found.settings) < 2:
        raise UsageError("there is only one setting, so that there is nothing to choose")
    families = np.array(found.families)
    single = found.settings[int(found.costs.mean(axis=0).argmin())]
    by_family = None
    if len(set(found.families)) > 1:
        folds = [families == name for name in sorted(set(found.families))]
        by_family = _gap_closed(found, folds, n_resamples, seed)
    return Evaluation(
        examples=found,
        single_best=single,
        known_families=_gap_closed(found, list(_within(families, seed)), n_resamples, seed),
        unseen_families=by_family,
    )


def _within(families: np.ndarray, seed: int) -> Iterator[Bools]:
    """Yield the test instances of each fold, every family spread over all of them."""
    order = np.lexsort((np.random.default_rng(seed).random(len(families)), families))
    fold = np.empty(len(families), dtype=np.int64)
    fold[order] = np.arange(len(families)) % min(FOLDS, len(families))
    for number in range(int(fold.max()) + 1):
        yield fold == number


def _gap_closed(found: Examples, folds: list[Bools], n_resamples: int, seed: int) -> GapClosed:
    n = len(found.costs)
    picks: Ints = np.zeros(n, dtype=np.int64)
    singles: Ints = np.zeros(n, dtype=np.int64)
    for test in folds:
        costs = found.costs[~test]
        single = int(costs.mean(axis=0).argmin())
        model = fitted(found.statistics[~test], costs, seed)
        picks[test] = chosen(model, found.statistics[test], single, MARGIN)
        singles[test] = single
    rows = np.arange(n)
    columns = np.stack(
        (found.costs[rows, picks], found.costs[rows, singles], found.costs.min(axis=1)), axis=1
    )
    means = columns.mean(axis=0)
    drawn = np.random.default_rng(seed).integers(0, n, size=(n_resamples, n))
    shares = _shares(columns[drawn].mean(axis=1))
    shares = shares[np.isfinite(shares)]
    share = float(_shares(means[None])[0])
    ends = np.quantile(shares, (0.025, 0.975)) if np.isfinite(share) else (None, None)
    low, high = (None if end is None else float(end) for end in ends)
    selector, single_s, virtual = (float(np.exp(mean) - 1) for mean in means)
    return GapClosed(
        n_instances=n,
        share=share if np.isfinite(share) else None,
        low=low,
        high=high,
        selector_s=selector,
        single_best_s=single_s,
        virtual_best_s=virtual,
    )


def _shares(means: Floats) -> Floats:
    """Return the closed share of the gap from means of selector, single best, virtual best."""
    gap = means[:, 1] - means[:, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(gap > 1e-9, (means[:, 1] - means[:, 0]) / gap, np.nan)
