"""The statistics of each setting alone, on all its results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bench.comparison.costs import costs
from bench.comparison.normalize import newest, normalize, selected
from bench.comparison.options import Options
from bench.comparison.pairs import arranged
from bench.comparison.wording.caveats import disturbed_results
from bench.statistics.descriptive import QUANTILES, Descriptive, descriptive


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingStatistics:
    """The results of a setting in one measure.

    ``n_results`` is the number of all; ``n_solved`` are solved, ``n_limits`` ended at a limit,
    ``n_bad`` are wrong or failed. ``values`` are those that count.
    """

    setting: str
    n_results: int
    n_solved: int
    n_limits: int
    n_bad: int
    values: Descriptive


def setting_statistics(
    frame: pd.DataFrame, options: Options, quantiles: Sequence[float] = QUANTILES
) -> tuple[tuple[SettingStatistics, ...], tuple[str, ...]]:
    """Return the statistics of each setting, by name, and notes on excluded results.

    A value is the cost of a result in a comparison, but it is clipped only if a clip is given.
    Settings are not restricted to common instances. Raise UsageError for an unknown setting in
    ``options.only``.
    """
    everything, notes = normalize(frame)
    results, repeated = newest(selected(everything, options.only))
    found = []
    for name in sorted(str(each) for each in results["setting"].unique()):
        pairs = arranged(results[results["setting"] == name], (name,))
        spent = costs(pairs, options.of, options.failures)
        values = np.maximum(spent.amounts[spent.counted][:, 0], options.clip or 0.0)
        notes += [f"{name}: {note}" for note in (*spent.notes, *disturbed_results(pairs))]
        found.append(
            SettingStatistics(
                setting=name,
                n_results=len(pairs),
                n_solved=int(pairs.solved.sum()),
                n_limits=int(pairs.limits.sum()),
                n_bad=int((pairs.wrong | pairs.failed).sum()),
                values=descriptive(values, quantiles),
            )
        )
    return tuple(found), (*notes, *repeated)
