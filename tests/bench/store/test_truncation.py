"""Fitting MLflow's limits."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.store.truncation import (
    thin_points,
    truncate_key,
    truncate_metrics,
    truncate_params,
    truncate_tags,
)


@given(st.text(min_size=1, max_size=400))
def test_every_key_becomes_one_that_mlflow_takes(key: str) -> None:
    """Allowed characters, at most 250 of them, and no path that climbs or starts at the root."""
    fitted = truncate_key(key)
    assert re.fullmatch(r"[\w\-. :/]{1,250}", fitted)
    assert not fitted.startswith(("/", "."))
    assert fitted == truncate_key(fitted)


@pytest.mark.parametrize("key", ["alpha", "separating/maxrounds", "trace/primal_bound", "a b:c.d"])
def test_a_good_key_stays(key: str) -> None:
    """Solver parameters keep their own names."""
    assert truncate_key(key) == key


def test_long_values_end_in_an_ellipsis() -> None:
    """What MLflow would refuse is cut instead."""
    assert truncate_params({"x": "a" * 9000})["x"] == "a" * 5999 + "…"
    assert truncate_tags({"x": "a" * 9000})["x"] == "a" * 7999 + "…"


def test_a_missing_param_is_left_out() -> None:
    """An unlimited limit is no param; a truth value is in lower case."""
    assert truncate_params({"a": None, "b": 0, "c": True, "d": 0.15}) == {
        "b": "0",
        "c": "true",
        "d": "0.15",
    }


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf, 1e20, -1e20, 1e21])
def test_a_number_that_is_none_is_no_metric(value: float | None) -> None:
    """Infinity would spoil every chart and mean."""
    assert truncate_metrics({"x": value}) == {}
    assert thin_points([(0, 0, value)]) == []


def test_a_series_is_thinned_evenly_and_keeps_its_ends() -> None:
    """Thousands of points a task would cost more than the solve."""
    points = thin_points((1000 + step, step, float(step)) for step in range(10_000))
    steps = [step for _, step, _ in points]
    assert len(points) == 120
    assert (steps[0], steps[-1]) == (0, 9999)
    assert {b - a for a, b in pairwise(steps)} <= {84, 85}
