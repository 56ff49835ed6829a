"""Pairs of instance and seed: the results of several settings, aligned."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from bench.comparison.normalize import among, combinations, distinct
from bench.errors import UsageError
from bench.statistics.arrays import Bools, Floats, Ints, all_of

SOLVED = ("solved", "solved_unconfirmed")
LIMIT = ("limit",)
WRONG = ("wrong",)
DEFAULT = "default"
KEY = ("identity", "seed", "permutation")


@dataclass(frozen=True, slots=True)
class Pairs:
    """One row per pair (instance, seed, permutation), one column per setting, no gaps.

    ``results`` are normalized (`bench.comparison.normalize`), ``rows`` are positions in them of
    shape (pairs, settings). Pairs are sorted by instance; ``instance`` numbers the instances from
    0. The first setting is the baseline. ``solved``, ``limits``, ``wrong`` and ``failed`` (none of
    the others) are masks of the same shape.
    """

    results: pd.DataFrame
    settings: tuple[str, ...]
    rows: Ints
    instance: Ints
    solved: Bools
    limits: Bools
    wrong: Bools
    failed: Bools
    notes: tuple[str, ...] = ()
    _columns: dict[str, Floats] = field(default_factory=dict, init=False, compare=False, repr=False)
    _masks: dict[tuple[str, ...], Bools] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.rows)

    def numbers(self, column: str) -> Floats:
        """Return a column of numbers, shape (pairs, settings), NaN where unknown."""
        if column not in self._columns:
            self._columns[column] = self.results[column].to_numpy(np.float64)[self.rows]
        return self._columns[column]

    def is_in(self, column: str, values: Collection[str]) -> Bools:
        """Return where a column of texts has one of these values, shape (pairs, settings)."""
        key = (column, *values)
        if key not in self._masks:
            self._masks[key] = among(self.results[column], values)[self.rows]
        return self._masks[key]

    def words(self, column: str) -> list[str]:
        """Return a column of texts for each pair's baseline."""
        return [str(word) for word in self.results[column].iloc[self.rows[:, 0]]]

    def distinct(self, column: str) -> tuple[str, ...]:
        """Return all texts in a column, sorted, without the empty one."""
        return tuple(sorted({word for (word,) in self._combinations(column)} - {""}))

    def programs(self) -> list[tuple[str, ...]]:
        """Return each solver with each of its versions."""
        return self._combinations("solver", "solver_version")

    def _combinations(self, *columns: str) -> list[tuple[str, ...]]:
        return distinct(self.results, columns, self.rows.ravel())


def align_pairs(results: pd.DataFrame, baseline: str | None) -> Pairs:
    """Return all settings on the pairs that all of them have, the baseline first.

    Raise UsageError if there is only one setting, no common pair, or no such baseline.
    """
    return arranged(results, _settings(results, baseline))


def arranged(results: pd.DataFrame, settings: tuple[str, ...]) -> Pairs:
    """Return these settings, by default all, on the pairs that all of them have.

    Notes give the number of other pairs. Raise UsageError if there is no common pair.
    """
    column = results["setting"].cat.set_categories(settings).cat.codes.to_numpy()
    _, codes = np.unique(combinations(results, KEY), return_inverse=True)
    rows = np.full((int(codes.max()) + 1, len(settings)), -1, dtype=np.int64)
    rows[codes, column] = np.arange(len(results))
    common = all_of(rows >= 0)
    if not common.any():
        counts = zip(settings, (rows >= 0).sum(axis=0), strict=True)
        raise UsageError(
            "the settings have no common pair (instance, seed, permutation) with results: "
            + ", ".join(f"{name} has {n}" for name, n in counts)
        )
    notes = _missing(rows, settings, common)
    rows = rows[common]
    identities = results["identity"].cat.codes.to_numpy()[rows[:, 0]]
    solved, limits, wrong = (
        among(results["verdict"], words)[rows] for words in (SOLVED, LIMIT, WRONG)
    )
    return Pairs(
        results=results,
        settings=settings,
        rows=rows,
        instance=numbered(identities.astype(np.int64)),
        solved=solved,
        limits=limits,
        wrong=wrong,
        failed=~(solved | limits | wrong),
        notes=notes,
    )


def kept(pairs: Pairs, chosen: Bools) -> Pairs:
    """Return some of the pairs; ``chosen`` has a value for each, and at least one is true."""
    return replace(
        pairs,
        rows=pairs.rows[chosen],
        instance=numbered(pairs.instance[chosen]),
        solved=pairs.solved[chosen],
        limits=pairs.limits[chosen],
        wrong=pairs.wrong[chosen],
        failed=pairs.failed[chosen],
    )


def each_alone(results: pd.DataFrame) -> Pairs:
    """Return every result as a pair of its own, of a single setting without a name."""
    solved, limits, wrong = (
        among(results["verdict"], words)[:, None] for words in (SOLVED, LIMIT, WRONG)
    )
    return Pairs(
        results=results,
        settings=("",),
        rows=np.arange(len(results), dtype=np.int64)[:, None],
        instance=np.arange(len(results), dtype=np.int64),
        solved=solved,
        limits=limits,
        wrong=wrong,
        failed=~(solved | limits | wrong),
    )


def numbered(instances: Ints) -> Ints:
    """Return the instances numbered from 0 without gaps; equal ones are adjacent."""
    if not len(instances):
        return np.zeros(0, dtype=np.int64)
    return np.cumsum(np.diff(instances, prepend=instances[0]) != 0, dtype=np.int64)


def _settings(results: pd.DataFrame, baseline: str | None) -> tuple[str, ...]:
    names = sorted(str(name) for name in results["setting"].unique())
    there_are = f"there are: {', '.join(names)}"
    if baseline is not None and baseline not in names:
        raise UsageError(f"there is no setting {baseline!r} to compare with; {there_are}")
    if len(names) < 2:
        raise UsageError(
            f"there is only one setting, {names[0]!r}; a comparison needs two (bench statistics "
            "describes a single one)"
        )
    first = baseline or unnamed_baseline(names)
    return first, *(name for name in names if name != first)


def unnamed_baseline(names: Collection[str]) -> str:
    """Return the default baseline: the first by name, 9 before 10.

    It must not depend on the order of results.
    """
    return DEFAULT if DEFAULT in names else min(names, key=_in_natural_order)


def _in_natural_order(name: str) -> tuple[list[str | int], str]:
    parts = re.split(r"(\d+)", name)
    return [int(part) if at % 2 else part for at, part in enumerate(parts)], name


def _missing(rows: Ints, settings: tuple[str, ...], common: Bools) -> tuple[str, ...]:
    if common.all():
        return ()
    lacking = [
        f"{setting} lacks {n}"
        for setting, n in zip(settings, (rows < 0).sum(axis=0), strict=True)
        if n
    ]
    note = (
        f"{int((~common).sum())} of {len(common)} pairs (instance, seed, permutation) are left "
        f"out, because not all settings have them: {', '.join(lacking)}"
    )
    return (note,)
