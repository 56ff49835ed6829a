"""Settings side by side on each instance: a column of the results, averaged over the seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from bench.comparison.compare import Prepared
from bench.comparison.costs import costs
from bench.comparison.normalize import combinations
from bench.comparison.options import MEASURES, Measure, Options
from bench.comparison.pairs import KEY, Pairs, each_alone
from bench.errors import UsageError
from bench.statistics.arrays import Bools, Floats, Ints, number
from bench.statistics.intervals import unshifted

DIFFERS = 0.1
"""Settings differ on an instance from this relative difference on."""
LESS_IS_BETTER = frozenset(
    {
        *(measure.column for measure in MEASURES.values()),
        *("primal_integral", "dual_integral", "primal_dual_integral", "gap", "peak_mib"),
        *("wall_s", "cpu_s", "read_time_s", "presolve_time_s"),
    }
)
"""The columns for which a smaller number is known to be better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownColumn:
    """A column of the results that is shown; ``measure`` is None if it is not a measure.

    A measure is shown as its shifted geometric mean over seeds, other numbers as their mean, and
    texts with the number of their occurrences.
    """

    name: str
    measure: Measure | None = None

    @property
    def less_is_better(self) -> bool:
        """Whether a ratio below 1 is known to be better."""
        return self.name in LESS_IS_BETTER


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedResults:
    """The results of one setting on one instance, combined over all seeds and permutations.

    ``solved``, ``limits``, ``wrong`` and ``failed`` add up to ``n``. ``value`` is the mean, with
    the smallest and largest value, ``low`` and ``high``; None if no result has one. ``words``
    replace it in a column of texts. ``ratio`` is to the baseline, on the seeds that both have; None
    for the baseline, if one of them has no value, or if both ended at a limit on all seeds.
    ``bound`` is the effect of a limit: ``at least`` if only the setting was truncated, ``at most``
    if only the baseline was, ``about`` if both were on some seeds. ``differs``: it is more than 10
    % from the baseline's, or has other texts. ``rows`` are positions in the table of results.
    """

    n: int
    solved: int
    limits: int
    wrong: int
    failed: int
    rows: tuple[int, ...]
    value: float | None = None
    low: float | None = None
    high: float | None = None
    words: str = ""
    ratio: float | None = None
    bound: str = ""
    differs: bool = False

    @property
    def bad(self) -> int:
        """The number of wrong and failed results."""
        return self.wrong + self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceRow:
    """An instance with a cell for each setting, the baseline first; None: no result.

    ``number`` is the number of the instance, the same for all columns of the same results.
    """

    number: int
    instance: str
    cells: tuple[FoldedResults | None, ...]

    @property
    def differs(self) -> bool:
        """Whether a setting differs from the baseline by more than 10 %."""
        return any(cell.differs for cell in self.cells if cell)

    @property
    def bad(self) -> bool:
        """Whether a result is wrong or failed."""
        return any(cell.bad for cell in self.cells if cell)

    @property
    def solved_by_one(self) -> bool:
        """Whether exactly one of several settings solves it, on any seed."""
        tried = [cell for cell in self.cells if cell]
        return len(tried) > 1 and sum(cell.solved > 0 for cell in tried) == 1

    @property
    def worst(self) -> tuple[int, float]:
        """How many settings fail more often than the baseline, and the largest ratio to it."""
        first, *others = self.cells
        base = first.bad if first else 0
        tried = [cell for cell in others if cell]
        n_failing = sum(cell.bad > base for cell in tried)
        return n_failing, max((cell.ratio for cell in tried if cell.ratio), default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBySide:
    """A column of the results: a row per instance, a cell per setting; the baseline first.

    Instances on which most settings fail come first, then those with the largest ratio.
    ``warnings`` are caveats about the numbers.
    """

    column: ShownColumn
    settings: tuple[str, ...]
    rows: tuple[InstanceRow, ...]
    warnings: tuple[str, ...]

    @property
    def of_words(self) -> bool:
        """Whether the cells contain texts, which have no ratio."""
        return not any(cell.value is not None for row in self.rows for cell in row.cells if cell)

    @property
    def of_seeds(self) -> bool:
        """Whether an instance has several seeds (or permutations)."""
        return any(cell.n > 1 for row in self.rows for cell in row.cells if cell)


FILTERS: dict[str, Callable[[InstanceRow], bool]] = {
    "differ": lambda row: row.differs,
    "failed": lambda row: row.bad,
    "solved-by-one": lambda row: row.solved_by_one,
}
"""Selections of instances: those that differ by more than 10 %, that have a wrong or failed result,
that only one setting solves.
"""


def shown_column(frame: pd.DataFrame, name: str) -> ShownColumn:
    """Return the column of this name, which may be that of a measure.

    Raise UsageError, with similar names, if there is none.
    """
    by_column = {measure.column: measure for measure in MEASURES.values()}
    measure = MEASURES.get(name) or by_column.get(name)
    if measure is not None:
        return ShownColumn(name=measure.column, measure=measure)
    if name not in frame.columns:
        known = [*MEASURES, *map(str, frame.columns)]
        like = get_close_matches(name, known, n=3) or MEASURES
        raise UsageError(
            f"--by-instance {name}: the results have no such column; known are {', '.join(like)} "
            "and others; a SOURCE must come before --by-instance"
        )
    return ShownColumn(name=name)


def side_by_side(
    frame: pd.DataFrame, ready: Prepared, options: Options, column: ShownColumn
) -> SideBySide:
    """Return the settings of a comparison on every instance that any of them has.

    ``ready`` is the result of `bench.comparison.compare.prepare` for ``frame``. Measures are
    counted as in the comparison: clipped, at most the limit, failures by its policy.
    """
    layout = _layout(ready.pairs)
    cells = (
        _of_measure(layout, column.measure, options)
        if column.measure
        else _of_column(layout, frame[column.name].iloc[layout.alone.results.index.to_numpy()])
    )
    names = layout.instances
    rows = [
        InstanceRow(
            number=at,
            instance=names[at],
            cells=tuple(cells(at, setting) for setting in range(len(layout.settings))),
        )
        for at in range(len(names))
    ]
    rows.sort(key=lambda row: row.instance)
    rows.sort(key=lambda row: row.worst, reverse=True)
    return SideBySide(
        column=column, settings=layout.settings, rows=tuple(rows), warnings=ready.warnings
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Results by pair and setting; ``places`` are positions in ``alone``, -1 if there is none.

    ``starts`` are the first pairs of each instance; the pairs of an instance are adjacent.
    """

    settings: tuple[str, ...]
    instances: list[str]
    alone: Pairs
    places: Ints
    starts: Ints

    def of(self, values: Floats) -> Floats:
        """Return a value of each result by pair and setting, NaN if there is none."""
        return np.where(self.places >= 0, values[self.places], np.nan)

    def cell(self, instance: int, setting: int) -> Ints:
        """Return the positions of a setting's results on an instance."""
        is_last = instance + 1 == len(self.starts)
        end = len(self.places) if is_last else self.starts[instance + 1]
        rows = self.places[self.starts[instance] : end, setting]
        return rows[rows >= 0]

    def sums(self, values: Floats | Bools) -> Floats:
        """Return sums over the pairs of each instance."""
        return np.asarray(np.add.reduceat(values, self.starts, axis=0), dtype=np.float64)

    def count(self, members: Bools) -> Ints:
        """Return how many results of each instance and setting are in a selection."""
        there = (self.places >= 0) & members[self.places]
        return np.asarray(self.sums(there), dtype=np.int64)


Cells = Callable[[int, int], FoldedResults | None]
Mean = Callable[[Floats, Bools], Floats]
"""A function that averages values by pair and setting over the chosen pairs of each instance."""


def _layout(pairs: Pairs) -> _Layout:
    results = pairs.results
    setting = results["setting"].cat.set_categories(pairs.settings).cat.codes.to_numpy()
    codes = combinations(results, KEY)
    _, first, pair = np.unique(codes, return_index=True, return_inverse=True)
    places = np.full((len(first), len(pairs.settings)), -1, dtype=np.int64)
    places[pair, setting] = np.arange(len(results))
    identity = results["identity"].cat.codes.to_numpy()[first]
    starts = np.flatnonzero(np.diff(identity, prepend=-1)).astype(np.int64)
    names = results["instance"].astype(str).to_numpy()[first[starts]]
    return _Layout(
        settings=pairs.settings,
        instances=[str(name) for name in names],
        alone=each_alone(results),
        places=places,
        starts=starts,
    )


def _of_measure(layout: _Layout, measure: Measure, options: Options) -> Cells:
    alone = layout.alone
    if alone.results[measure.column].isna().all():
        raise UsageError(f"--by-instance {measure.name}: the results have no {measure.column}")
    spent = costs(alone, measure, options.failures, options.timeouts)
    is_compared = measure == options.of
    shift = options.shift_used if is_compared else measure.shift
    clip = options.clip_used if is_compared else measure.clip
    amounts = np.where(spent.counted, spent.amounts[:, 0], np.nan)
    values = layout.of(amounts if clip is None else np.maximum(amounts, clip))
    is_cut = layout.of(alone.limits[:, 0].astype(np.float64)) == 1

    def mean(amounts: Floats, chosen: Bools) -> Floats:
        with np.errstate(divide="ignore"):
            logs = np.log(np.where(chosen, amounts, 1.0) + shift)
        return unshifted(_means(layout, logs, chosen), shift)

    return _of_numbers(layout, values, is_cut & measure.is_time, mean)


def _of_column(layout: _Layout, column: pd.Series) -> Cells:
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return _of_words(layout, column)
    values = layout.of(column.to_numpy(np.float64, na_value=np.nan))
    values[~np.isfinite(values)] = np.nan
    return _of_numbers(
        layout,
        values,
        np.zeros(values.shape, np.bool_),
        lambda numbers, chosen: _means(layout, numbers, chosen),
    )


def _means(layout: _Layout, values: Floats, chosen: Bools) -> Floats:
    with np.errstate(invalid="ignore"):
        return layout.sums(np.where(chosen, values, 0.0)) / layout.sums(chosen)


def _of_numbers(layout: _Layout, values: Floats, is_cut: Bools, mean: Mean) -> Cells:
    """Return cells of numbers; ``is_cut`` marks those that a limit has truncated."""
    known = ~np.isnan(values)
    both = known & known[:, :1]
    n_both = layout.sums(both)
    own, base = mean(values, both), mean(np.broadcast_to(values[:, :1], values.shape), both)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = own / base
    own_cut, base_cut = layout.sums(both & is_cut), layout.sums(both & is_cut[:, :1])
    ratios[(ratios <= 0) | ((own_cut == n_both) & (base_cut == n_both) & (n_both > 0))] = np.nan
    bounds = np.array([["", "at most"], ["at least", "about"]])[
        (own_cut > 0).astype(int), (base_cut > 0).astype(int)
    ]
    differs = np.where(np.isfinite(ratios), np.abs(ratios - 1) > DIFFERS, own * base < 0)
    differs |= (own == 0) != (base == 0)
    means = mean(values, known)
    low = np.minimum.reduceat(np.where(known, values, np.inf), layout.starts, axis=0)
    high = np.maximum.reduceat(np.where(known, values, -np.inf), layout.starts, axis=0)

    def numbers(at: int, setting: int) -> dict[str, Any]:
        is_other = setting > 0 and bool(n_both[at, setting])
        ratio = number(ratios[at, setting]) if is_other else None
        return {
            "value": number(means[at, setting]),
            "low": number(low[at, setting]),
            "high": number(high[at, setting]),
            "ratio": ratio,
            "bound": "" if ratio is None else str(bounds[at, setting]),
            "differs": is_other and bool(differs[at, setting]),
        }

    return _cells(layout, numbers)


def _of_words(layout: _Layout, column: pd.Series) -> Cells:
    texts = column.astype("object").where(column.notna(), "").astype(str).to_list()

    def counted(at: int, setting: int) -> Counter[str]:
        return Counter(texts[row] for row in layout.cell(at, setting) if texts[row])

    def words(at: int, setting: int) -> dict[str, Any]:
        own, base = counted(at, setting), counted(at, 0)
        return {"words": _listed(own), "differs": bool(own and base and set(own) != set(base))}

    return _cells(layout, words)


def _listed(words: Counter[str]) -> str:
    if len(words) < 2:
        return next(iter(words), "")
    return ", ".join(f"{n} {word}" for word, n in words.most_common())


def _cells(layout: _Layout, content: Callable[[int, int], dict[str, Any]]) -> Cells:
    """Return cells with the counts of verdicts and this content."""
    alone = layout.alone
    kinds = (alone.solved, alone.limits, alone.wrong, alone.failed)
    counts = [layout.count(each[:, 0]) for each in kinds]
    rows_of_table = alone.results.index.to_numpy()

    def cell(at: int, setting: int) -> FoldedResults | None:
        rows = layout.cell(at, setting)
        if not len(rows):
            return None
        solved, limits, wrong, failed = (int(each[at, setting]) for each in counts)
        return FoldedResults(
            n=len(rows),
            solved=solved,
            limits=limits,
            wrong=wrong,
            failed=failed,
            rows=tuple(int(row) for row in rows_of_table[rows]),
            **content(at, setting),
        )

    return cell
