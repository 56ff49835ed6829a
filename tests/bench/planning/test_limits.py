"""Limits from options and solver parameters."""

from __future__ import annotations

from typing import Any

import pytest

from bench.errors import UsageError
from bench.model.limits import Limits
from bench.model.parameters import Catalogue, Parameter, ParameterKind
from bench.planning.limits import default_gap, merged

NAMES = {"limits/time": "time_s", "limits/gap": "gap"}


@pytest.mark.parametrize(
    ("options", "params", "expected"),
    [
        ({"time_s": None}, {}, Limits()),
        ({"time_s": 5.0}, {}, Limits(time_s=5.0)),
        ({}, {"limits/time": 5.0}, Limits(time_s=5.0)),
        ({"time_s": 5.0}, {"limits/time": 5.0, "limits/gap": 0.1}, Limits(time_s=5.0, gap=0.1)),
    ],
)
def test_a_limit_may_come_from_option_or_parameter(
    options: dict[str, Any], params: dict[str, Any], expected: Limits
) -> None:
    """Both ways of saying it give the same limits, and the outer limit knows of them."""
    assert merged(options, params, NAMES) == expected


def test_two_different_values_of_one_limit_are_refused() -> None:
    """The message names both."""
    with pytest.raises(UsageError, match="one limit is given two values"):
        merged({"time_s": 5.0}, {"limits/time": 6.0}, NAMES)


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_a_limit_is_a_finite_number_from_0_on(value: float) -> None:
    """Anything else is refused."""
    with pytest.raises(UsageError, match="a limit must be a number of at least 0"):
        merged({"time_s": value}, {}, NAMES)


def test_the_gap_at_which_a_solver_stops_of_itself_is_the_default_of_its_parameter() -> None:
    """One that has no such parameter does not say."""
    catalogue = Catalogue(
        [Parameter(name="stop", kind=ParameterKind.REAL, default=1e-4, description="", low=0)]
    )
    assert default_gap(catalogue, {"halt": "time_s", "stop": "gap"}) == 1e-4
    assert default_gap(catalogue, {"halt": "time_s"}) is None
    assert default_gap(catalogue, {"unknown": "gap"}) is None


def test_a_solvers_own_number_of_threads_is_the_limit_of_threads() -> None:
    """So that a task gets as many cores; 0, which leaves it to the solver, is refused."""
    names = {"threads": "threads"}
    assert merged({}, {"threads": 4}, names).threads == 4
    assert merged({"threads": 2}, {"threads": 2}, names).threads == 2
    with pytest.raises(UsageError, match="one limit is given two values: threads=4 and threads=2"):
        merged({"threads": 2}, {"threads": 4}, names)
    with pytest.raises(UsageError, match="threads = 0: give the number of threads"):
        merged({}, {"threads": 0}, names)
