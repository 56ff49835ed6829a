"""The quality of a selector on unseen instances: the share of the gap that it closes.

The single best is the setting with the least mean cost over the training instances; a selector has
to be better than always choosing it. The virtual best is the cheapest setting on each instance.
Costs are means of ln(PAR10 + 1 s), so that ratios count and not seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bench.selection.examples import SHIFT_S, Examples
from bench.selection.learning import learn
from bench.statistics.arrays import Bools, Floats, Ints

FOLDS = 10
MIN_FAMILIES = 3
"""With fewer families, a selector would learn from one family to predict another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GapClosed:
    """The result of a selector on unseen instances.

    ``share`` of the gap between single and virtual best is closed: 1 is the virtual best, 0 the
    single best, below 0 is worse; None if there is no gap. ``low`` and ``high`` are the ends of
    the interval over resampled instances. ``selector_s``, ``single_best_s`` and
    ``virtual_best_s`` are shifted geometric means of PAR10 in seconds.
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
        """Whether the interval shows that choosing by instance beats the single best."""
        return self.low is not None and self.low > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UnseenChoices:
    """The choice for each instance by a selector that had not seen it, with its costs."""

    chosen: Ints
    single_best: Ints
    gap_closed: GapClosed


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A selector on unseen instances of known families, and on unseen families.

    ``unseen_families`` is None if there are too few of them. ``single_best`` is the setting
    that is cheapest on average over all instances.
    """

    examples: Examples
    single_best: str
    known: UnseenChoices
    unseen_families: GapClosed | None

    @property
    def known_families(self) -> GapClosed:
        """The result on unseen instances of known families, which determines the conclusion."""
        return self.known.gap_closed

    @property
    def n_families(self) -> int:
        """How many families there are."""
        return len(set(self.examples.families))

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the user, one line each."""
        return (*self.examples.notes, *self._about_families(), *self._about_short_times())

    def _about_families(self) -> Iterator[str]:
        n_alone = sum(n == 1 for n in Counter(self.examples.families).values())
        if n_alone:
            yield (
                f"{n_alone} of {len(self.examples.instances)} instances are the only one of their "
                "family (the beginning of a name, up to its first digit), so that their family is "
                "unseen in either line"
            )

    def _about_short_times(self) -> Iterator[str]:
        mean_s = self.known_families.single_best_s
        if mean_s < SHIFT_S / 4:
            yield (
                f"{self.single_best} takes {mean_s:.2g} s on average; costs are means of ln(PAR10 "
                f"+ {SHIFT_S:g} s), so that differences far below a second hardly count"
            )


def evaluate(found: Examples, *, n_resamples: int = 2000, seed: int = 1) -> Evaluation:
    """Return the result of a selector on some instances after it has learned from the others."""
    families = np.array(found.families)
    known = _unseen(found, _spread(families, seed), n_resamples, seed)
    unseen = None
    if len(set(found.families)) >= MIN_FAMILIES:
        unseen = _unseen(found, _whole(families), n_resamples, seed).gap_closed
    return Evaluation(
        examples=found,
        single_best=found.settings[int(found.costs.mean(axis=0).argmin())],
        known=known,
        unseen_families=unseen,
    )


def _spread(families: np.ndarray, seed: int) -> list[Bools]:
    """Return the test instances of each fold; every family is spread over all folds."""
    order = np.lexsort((np.random.default_rng(seed).random(len(families)), families))
    fold = np.empty(len(families), dtype=np.int64)
    fold[order] = np.arange(len(families)) % min(FOLDS, len(families))
    return [fold == number for number in range(int(fold.max()) + 1)]


def _whole(families: np.ndarray) -> list[Bools]:
    """Return the test instances of each fold, of similar sizes; a family is in a single fold."""
    sizes = Counter(families.tolist())
    folds: list[list[str]] = [[] for _ in range(min(FOLDS, len(sizes)))]
    for name, _ in sorted(sizes.items(), key=lambda one: (-one[1], one[0])):
        min(folds, key=lambda fold: sum(sizes[each] for each in fold)).append(name)
    return [np.isin(families, fold) for fold in folds]


def _unseen(found: Examples, folds: list[Bools], n_resamples: int, seed: int) -> UnseenChoices:
    n = len(found.costs)
    picks: Ints = np.zeros(n, dtype=np.int64)
    singles: Ints = np.zeros(n, dtype=np.int64)
    for test in folds:
        statistics = found.statistics[~test]
        there = ~np.isnan(statistics).all(axis=0)
        chooser = learn(statistics[:, there], found.costs[~test], seed)
        picks[test] = chooser.choices(found.statistics[test][:, there])
        singles[test] = chooser.single_best
    return UnseenChoices(
        chosen=picks,
        single_best=singles,
        gap_closed=_gap_closed(found.costs, picks, singles, n_resamples, seed),
    )


def _gap_closed(
    costs: Floats, picks: Ints, singles: Ints, n_resamples: int, seed: int
) -> GapClosed:
    n = len(costs)
    rows = np.arange(n)
    columns = np.stack((costs[rows, picks], costs[rows, singles], costs.min(axis=1)), axis=1)
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
    """Return the closed shares of the gap from means of selector, single best, virtual best."""
    gap = means[:, 1] - means[:, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(gap > 1e-9, (means[:, 1] - means[:, 0]) / gap, np.nan)
