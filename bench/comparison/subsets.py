"""Subsets of blocks, chosen by all settings together, never by one (that would be a bias)."""

from __future__ import annotations

import numpy as np

from bench.comparison.blocks import Blocks
from bench.comparison.costs import recorded
from bench.comparison.measures import SOLVE
from bench.statistics.arrays import Bools, Floats, all_of, any_of


def subset(blocks: Blocks, name: str) -> Bools:
    """Return which blocks belong to a subset.

    As in rubberband, SCIP's own evaluation: ``clean``: no setting is wrong or failed; the others
    are clean too. ``affected``: solved by one at least, and LP iterations (else nodes) differ.
    ``[a,T]``: solved by one at least, and one took ``a`` seconds or more. ``all-optimal``: solved
    by all. ``different-limits``: solved by some, not by all.
    """
    if name == "all":
        return np.ones(len(blocks), np.bool_)
    clean = ~any_of(blocks.wrong | blocks.failed)
    solved_by_one = clean & any_of(blocks.solved)
    solved_by_all = clean & all_of(blocks.solved)
    match name:
        case "clean":
            return clean
        case "affected":
            return solved_by_one & _differs(_path(blocks))
        case "all-optimal":
            return solved_by_all
        case "different-limits":
            return solved_by_one & ~solved_by_all
        case _:
            at_least_s = float(name.removeprefix("[").partition(",")[0])
            slow = any_of(recorded(blocks, SOLVE) >= at_least_s)
            return solved_by_one & slow


def _path(blocks: Blocks) -> Floats:
    iterations = blocks.numbers("n_lp_iterations")
    return blocks.numbers("n_nodes") if np.isnan(iterations).all() else iterations


def _differs(values: Floats) -> Bools:
    return np.asarray(np.fmax.reduce(values, axis=1) != np.fmin.reduce(values, axis=1)) & ~(
        np.isnan(values).all(axis=1)
    )
