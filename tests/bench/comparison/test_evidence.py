"""What results at a limit let say of a ratio."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bench.comparison.compare import compare
from bench.comparison.comparison import BaselineDifference
from bench.comparison.evidence import Hidden, bounded
from bench.comparison.options import Options
from bench.comparison.wording.narrative import ConclusionKind, conclusion

Make = Callable[..., pd.DataFrame]
QUICK = Options(subsets=("all",), n_resamples=200)


def limited(
    make: Make, limit_s: float, factor: float = 0.8, termination: str = "time"
) -> pd.DataFrame:
    """Return 30 instances, cut at a limit."""
    frame = make({"default": 1.0, "new": factor}, n=30, seeds=1, scatter=0.05)
    cut = frame["solve_time_s"] >= limit_s
    frame.loc[cut, ["verdict", "termination"]] = ["limit", termination]
    frame.loc[cut, "solve_time_s"] = limit_s
    return frame.assign(time_limit_s=limit_s)


def said(frame: pd.DataFrame) -> str:
    """Return the sentence on ``new``."""
    return conclusion(compare(frame, QUICK), "new").sentence


def against(frame: pd.DataFrame, options: Options | None = None) -> BaselineDifference:
    """Return how ``new`` compares."""
    found = compare(frame, options or QUICK).table().row("new").against
    assert found is not None
    return found


def bound_of(frame: pd.DataFrame, setting: str, n: int) -> pd.DataFrame:
    """Return the results with ``n`` of a setting at the time limit."""
    frame = frame.assign(time_limit_s=frame["solve_time_s"].max() * 2)
    own = frame.index[(frame["setting"] == setting)][:n]
    frame.loc[own, ["verdict", "termination"]] = ["limit", "time"]
    return frame


def test_a_ratio_with_results_at_the_limit_is_said_to_be_a_bound(make: Make) -> None:
    """With how many there are, and from how many nothing is known."""
    frame = limited(make, 40.0)
    found = against(frame).evidence
    assert found is not None
    assert found.n_baseline_cut
    assert found.n_both_at_limit
    assert not found.n_setting_cut
    sentence = said(frame)
    assert sentence.startswith("new is at least ")
    assert f"; {found.n_at_limit} of 30 at the time limit; " in sentence
    n = found.n_both_at_limit
    assert f"; no information from {n} of 30 instances (both at the time limit)" in sentence
    assert "(Tobit), the geometric mean of the ratios of times + 1 s is 0." in sentence
    assert sentence.endswith("if log ratios are normal; a few extreme instances bias it")


@pytest.mark.parametrize(
    ("factor", "cut", "words"),
    [
        (0.5, "default", "new is at least "),
        (0.2, "new", "new is at most "),
        (3.0, "new", "new is at least "),
        (9.0, "default", "new is at most "),
    ],
)
def test_which_bound_it_is_depends_on_who_was_cut(
    make: Make, factor: float, cut: str, words: str
) -> None:
    """What was cut would have taken longer."""
    frame = bound_of(make({"default": 1.0, "new": factor}, n=30, seeds=1), cut, 2)
    assert said(frame).startswith(words)


def test_cuts_on_both_sides_make_no_bound(make: Make) -> None:
    """The ratio may be too large or too small."""
    frame = bound_of(make({"default": 1.0, "new": 0.3}, n=40, seeds=1), "new", 1)
    last = frame.index[frame["setting"] == "default"][-1]
    frame.loc[last, ["verdict", "termination"]] = ["limit", "time"]
    sentence = said(frame)
    assert sentence.startswith("new is about ")
    assert "2 of 40 at the time limit (of either setting: the ratio may be too large" in sentence


def test_without_a_difference_the_ratio_is_still_a_bound(make: Make) -> None:
    """An upper one where the baseline was cut."""
    frame = bound_of(make({"default": 1.0, "new": 1.0}, n=20, seeds=1), "default", 2)
    comparison = compare(frame, QUICK)
    found = conclusion(comparison, "new")
    assert found.outcome is not ConclusionKind.BETTER
    assert "; 2 of 20 at the time limit (the ratio is an upper bound)" in found.sentence


def test_pairs_that_are_all_cut_on_both_sides_make_no_bound(make: Make) -> None:
    """They count as equal, and the sentence says that they tell nothing."""
    frame = make({"default": 1.0, "new": 0.5}, n=20, seeds=1)
    both = frame["instance"].isin([f"i{at}" for at in range(8)])
    frame.loc[both, ["verdict", "termination"]] = ["limit", "time"]
    sentence = said(frame)
    assert re.match(r"new is \d", sentence)
    assert "; 8 of 20 at the time limit; no information from 8 of 20 instances (both" in sentence


def test_without_limits_nothing_is_said_of_them(make: Make) -> None:
    """And there is no second estimate."""
    found = against(make({"default": 1.0, "new": 0.5}))
    assert found.tobit is None
    assert "limit" not in said(make({"default": 1.0, "new": 0.5}))


def test_the_tobit_estimate_is_nearer_to_the_truth_than_the_cut_ratio(make: Make) -> None:
    """The true ratio of the times is 0.5; a third of them are cut, and there is no shift."""
    found = against(limited(make, 30.0, factor=0.5), replace(QUICK, shift=0.0))
    assert found.ratio is not None
    assert found.tobit is not None
    assert found.tobit.low < 0.5 < found.tobit.high
    assert abs(math.log(found.tobit.ratio / 0.5)) < abs(math.log(found.ratio / 0.5))


def test_seeds_that_were_cut_make_the_mean_of_an_instance_a_bound() -> None:
    """Both cut: left out; one cut: a bound; cuts on opposed sides: no instance."""
    cut = np.array([[0, 0], [1, 1], [0, 1], [0, 0], [1, 0], [0, 1], [1, 1], [1, 0]], dtype=np.bool_)
    instance = np.array([0, 0, 1, 1, 2, 2, 3, 4])
    none = np.zeros_like(cut)
    hidden = Hidden(cut=cut, by_time=none, charged=none, clipped=none)
    values, sides = bounded(np.arange(8.0), hidden, instance, 1)
    assert list(values) == [0.0, 2.5, 7.0]
    assert list(sides) == [0, 1, -1]


def test_a_limit_that_is_not_of_time_is_called_a_limit(make: Make) -> None:
    """Memory, for example."""
    sentence = said(limited(make, 40.0, termination="memory"))
    assert " of 30 at the limit; " in sentence
    assert "time limit" not in sentence
