"""What holds of every comparison."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.comparison.compare import compare
from bench.comparison.comparison import BaselineDifference
from bench.comparison.options import Options

ALL = Options(subsets=("all",), n_resamples=500)
TIMES = st.floats(0.01, 1000.0)


@st.composite
def tables(draw: st.DrawFn, min_instances: int = 2) -> pd.DataFrame:
    """Return results of two settings on a few instances with one or two seeds."""
    seeds = draw(st.integers(1, 2))
    least = min_instances * seeds
    pairs = draw(st.lists(st.tuples(TIMES, TIMES), min_size=least, max_size=least + 10))
    return pd.DataFrame(
        [
            {
                "instance": f"i{at // seeds:02d}",
                "setting": setting,
                "seed": at % seeds,
                "verdict": "solved" if time_s < 600 else "limit",
                "solve_time_s": time_s,
                "n_nodes": int(time_s),
                "time_limit_s": 1000.0,
            }
            for at, times in enumerate(pairs)
            for setting, time_s in zip(("default", "other"), times, strict=True)
        ]
    )


def against(frame: pd.DataFrame) -> BaselineDifference:
    """Return how the other setting compares."""
    paired = compare(frame, ALL).table().row("other").against
    assert paired is not None
    return paired


@pytest.mark.slow
@settings(max_examples=15, deadline=None, derandomize=True)
@given(tables(), st.integers(0, 99))
def test_the_order_of_rows_changes_nothing(frame: pd.DataFrame, seed: int) -> None:
    """Not a digit."""
    assert compare(frame.sample(frac=1, random_state=seed), ALL) == compare(frame, ALL)


@pytest.mark.slow
@settings(max_examples=15, deadline=None, derandomize=True)
@given(tables(min_instances=31))
def test_more_of_the_same_instances_narrow_the_interval_and_keep_the_ratio(
    frame: pd.DataFrame,
) -> None:
    """By about the square root of how many times as many."""
    copies = [frame.assign(instance=f"copy{at}-" + frame["instance"]) for at in range(4)]
    once, more = against(frame), against(pd.concat(copies))
    assert once.ratio is not None
    assert more.ratio is not None
    assert abs(more.ratio / once.ratio - 1) < 1e-9
    assert once.interval is not None
    assert more.interval is not None
    before, after = (each.high - each.low for each in (once.interval, more.interval))
    assert after <= 0.8 * before + 1e-9


@pytest.mark.slow
@settings(max_examples=15, deadline=None, derandomize=True)
@given(tables())
def test_a_setting_against_itself_is_exactly_one(frame: pd.DataFrame) -> None:
    """With an interval of no width, and all ties."""
    own = frame[frame["setting"] == "default"]
    found = against(pd.concat([own, own.assign(setting="other")]))
    assert found.ratio == 1.0
    assert found.interval is None or (found.interval.low, found.interval.high) == (1.0, 1.0)
    assert (found.wins, found.losses, found.n_pairs, found.p_wilcoxon) == (0, 0, 0, None)


@pytest.mark.slow
@settings(max_examples=15, deadline=None, derandomize=True)
@given(tables(min_instances=12), st.integers(2, 4))
def test_the_same_seeds_again_make_nothing_more_significant(
    frame: pd.DataFrame, times: int
) -> None:
    """Tests and intervals are by instance, however many rows an instance has."""
    again = [frame.assign(seed=frame["seed"] + 10 * at) for at in range(times)]
    once, more = against(frame), against(pd.concat(again))
    assert (more.n_pairs, more.p_mcnemar) == (once.n_pairs, once.p_mcnemar)
    if once.p_wilcoxon is not None and more.p_wilcoxon is not None:
        assert abs(once.p_wilcoxon - more.p_wilcoxon) < 1e-9
    assert once.interval is not None
    assert more.interval is not None
    assert abs(once.interval.low - more.interval.low) < 1e-9 * once.interval.low
    assert abs(once.interval.high - more.interval.high) < 1e-9 * once.interval.high
