"""Pairs that are kept out of others."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from bench.comparison.normalize import normalize
from bench.comparison.pairs import align_pairs, kept

Make = Callable[..., pd.DataFrame]


def test_what_was_looked_up_before_is_not_that_of_the_pairs_kept(make: Make) -> None:
    """Numbers and masks are those of the pairs that are left."""
    table = make({"a": 1.0, "b": 2.0}, n=4, seeds=1).assign(clock=["cpu", "wall", "cpu", "cpu"] * 2)
    pairs = align_pairs(normalize(table)[0], None)
    before = pairs.numbers("solve_time_s"), pairs.is_in("clock", ("wall",))
    chosen = np.array([False, True, True, False])
    left = kept(pairs, chosen)
    assert left.numbers("solve_time_s").tolist() == before[0][chosen].tolist()
    assert left.is_in("clock", ("wall",)).tolist() == before[1][chosen].tolist()
    assert before[1].any(axis=1).tolist() == [False, True, False, False]
