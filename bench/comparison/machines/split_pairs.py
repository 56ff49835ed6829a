"""Pairs whose settings were measured on different machines.

Machines of one class measure alike, so a pair that only such machines measured is whole. A few
split pairs, such as those of jobs that died, are left out of a comparison. If most pairs are split,
the settings were measured under different conditions, and the comparison is refused.
"""

from __future__ import annotations

import numpy as np

from bench.comparison.pairs import Pairs, kept
from bench.instances.labels import listed
from bench.statistics.arrays import Bools, Ints

MACHINE, MACHINE_CLASS = "machine", "machine_class"
MOST = 0.5
"""At most this share of the pairs is left out."""


def are_split(pairs: Pairs) -> Bools:
    """Return which pairs were measured on machines of several classes.

    Without a class, each machine is one of its own; an unknown machine matches any.
    """
    machines, classes = _codes(pairs, MACHINE), _codes(pairs, MACHINE_CLASS)
    has_no_class = ((machines >= 0) & (classes < 0)).any(axis=1)
    return np.asarray(_are_several(machines) & (_are_several(classes) | has_no_class))


def are_on_several(pairs: Pairs) -> Bools:
    """Return which pairs were measured on several machines, of whatever class."""
    return _are_several(_codes(pairs, MACHINE))


def without_split_pairs(pairs: Pairs) -> tuple[Pairs, tuple[str, ...]]:
    """Return the other pairs, and a warning on those left out; all pairs if most are split."""
    split = are_split(pairs)
    n_split = int(split.sum())
    if not 0 < n_split <= MOST * len(pairs):
        return pairs, ()
    names = np.array(pairs.words("instance"), dtype=object)[split]
    warning = (
        f"{n_split} of {len(pairs)} pairs (instance, seed, permutation) are left out, because "
        "their settings were measured on machines of different classes "
        f"({listed(sorted(set(names)))}); solve these instances again in a sweep of another name "
        "and compare both sweeps, or compare the pairs with --force"
    )
    return kept(pairs, ~split), (warning,)


def machine_notes(pairs: Pairs) -> tuple[str, ...]:
    """Return a note on whole pairs that several machines of one class measured."""
    n = int((are_on_several(pairs) & ~are_split(pairs)).sum())
    if not n:
        return ()
    return (f"{n} of {len(pairs)} pairs were measured on several machines of the same class",)


def _codes(pairs: Pairs, column: str) -> Ints:
    """Return the numbers of a column's texts, shape (pairs, settings), -1 where it is empty."""
    words = pairs.results[column].cat
    codes = words.codes.to_numpy()[pairs.rows].astype(np.int64)
    empty = [at for at, name in enumerate(words.categories) if name == ""]
    return np.where(np.isin(codes, empty), -1, codes)


def _are_several(codes: Ints) -> Bools:
    """Return which pairs have more than one known value."""
    highest = codes.max(axis=1)
    lowest = np.where(codes < 0, highest[:, None], codes).min(axis=1)
    return np.asarray(lowest < highest)
