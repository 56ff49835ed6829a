"""The comparison tried on a setting against itself."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from bench.comparison.options import Options
from bench.comparison.selftest import selftest
from bench.errors import UsageError

Make = Callable[..., pd.DataFrame]
QUICK = Options(n_resamples=200)


@pytest.mark.slow
def test_false_alarms_are_as_rare_as_promised_and_a_large_effect_is_found(make: Make) -> None:
    """Over a thousand rounds; 5 % of alarms would be the nominal rate."""
    found = selftest(make({"default": 1.0}, n=30), QUICK, effect=0.5)
    assert found.holds
    assert found.rate <= 0.05
    assert found.power > 0.95


def test_a_small_effect_is_found_less_often_than_a_large_one(make: Make) -> None:
    """Power grows with the effect."""
    frame = make({"default": 1.0}, n=20)
    powers = [selftest(frame, QUICK, n_rounds=100, effect=e).power for e in (0.0, 0.1, 0.3)]
    assert powers == sorted(powers)
    assert powers[0] < 0.2
    assert powers[2] > 0.8


@pytest.mark.parametrize(
    ("n", "seeds", "setting", "message"),
    [
        (5, 2, "default", "5 instances have results of 'default' .* needs 6"),
        (20, 1, "default", "0 instances have"),
        (20, 2, "cuts", "no setting 'cuts'; there are: default"),
    ],
)
def test_too_little_to_deal_is_said(
    make: Make, n: int, seeds: int, setting: str, message: str
) -> None:
    """With how much it takes."""
    with pytest.raises(UsageError, match=message):
        selftest(make({"default": 1.0}, n=n, seeds=seeds), setting=setting)


@pytest.mark.parametrize("time_s", [0.1, 100.0])
def test_what_a_comparison_cannot_see_is_not_found(make: Make, time_s: float) -> None:
    """Ten per cent below the clip, or beyond the time limit."""
    frame = make({"default": 1.0}, n=20).assign(solve_time_s=time_s, time_limit_s=100.0)
    assert selftest(frame, QUICK, n_rounds=10).power == 0
