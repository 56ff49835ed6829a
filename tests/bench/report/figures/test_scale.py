"""Scales and their ticks."""

from __future__ import annotations

import math

import pytest

from bench.report.figures.scale import Scale


@pytest.mark.parametrize(
    ("low", "high", "log", "labels"),
    [
        (0, 10, False, ["0", "2", "4", "6", "8", "10"]),
        (0, 1.02, False, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (-3e9, 3e9, False, ["-3e+09", "-2e+09", "-1e+09", "0", "1e+09", "2e+09", "3e+09"]),
        (1, 1000, True, ["1", "2", "5", "10", "20", "50", "100", "200", "500", "1000"]),
        (1e-6, 1e6, True, ["1e-06", "0.0001", "0.01", "1", "100", "10000", "1e+06"]),
        (1, 2, True, ["1.0", "1.2", "1.4", "1.6", "1.8", "2.0"]),
    ],
)
def test_ticks_are_round(low: float, high: float, log: bool, labels: list[str]) -> None:
    """And some, not many; their labels tell them apart."""
    ticks = Scale(low=low, high=high, start=0, end=100, log=log).ticks()
    assert [label for _, label in ticks] == labels


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(
    "values", [[], [0.0], [5.0, 5.0], [-1.0, 1.0], [1e-9, 1e9], [1.0, math.inf], [math.nan]]
)
def test_any_values_have_a_scale(values: list[float], log: bool) -> None:
    """Nothing, one number, zero, infinity: each is drawn somewhere, with some ticks."""
    scale = Scale.of(values, 0, 100, log=log)
    assert 1 <= len(scale.ticks()) <= 20
    assert all(-1e-6 <= scale.at(value) <= 100 + 1e-6 for value, _ in scale.ticks())
    known = [each for each in values if math.isfinite(each) and (each > 0 or not log)]
    assert all(0 < scale.at(each) < 100 for each in known)
