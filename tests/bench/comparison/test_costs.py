"""What a result counts."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from bench.comparison.compare import compare
from bench.comparison.options import Failures, Options, Timeouts
from bench.errors import UsageError


def two(other: dict[str, Any]) -> pd.DataFrame:
    """Return an instance with a plain result of one setting, and this one of the other."""
    common = {"instance": "i", "termination": "normal", "time_limit_s": 100.0, "clock": "cpu"}
    times = {"solve_time_s": 50.0, "solve_cpu_s": 50.0, "solve_wall_s": 60.0, "n_nodes": 7}
    plain = common | times | {"verdict": "solved"}
    return pd.DataFrame([plain | {"setting": "default"}, plain | other | {"setting": "other"}])


def mean(frame: pd.DataFrame, **options: Any) -> float | None:
    """Return the mean cost of the other setting."""
    return compare(frame, Options(**options)).table().row("other").mean


LIMIT = {"verdict": "limit", "solve_time_s": 101.5, "solve_cpu_s": 101.5, "solve_wall_s": 120.0}


@pytest.mark.parametrize(
    ("other", "measure", "expected"),
    [
        (LIMIT | {"termination": "time"}, "solve", 100.0),
        (LIMIT | {"termination": "time"}, "cpu", 100.0),
        (LIMIT | {"termination": "time"}, "wall", 120.0),
        (LIMIT | {"termination": "memory", "solve_time_s": 3.0}, "solve", 100.0),
        (LIMIT | {"termination": "normal", "solve_time_s": 3.0}, "solve", 3.0),
        (LIMIT | {"termination": "time"}, "nodes", 7.0),
        ({"solve_time_s": 104.0}, "solve", 100.0),
    ],
)
def test_a_time_counts_at_most_the_limit_of_its_own_clock(
    other: dict[str, Any], measure: str, expected: float
) -> None:
    """And no less than it where time or memory ran out."""
    assert mean(two(other), measure=measure) == expected


def test_a_timeout_keeps_its_measured_time_on_request() -> None:
    """At most the limit; what ran out of memory early is no reason for a small cost."""
    below = LIMIT | {"termination": "time", "solve_time_s": 99.5}
    assert mean(two(below)) == 100.0
    assert mean(two(below), timeouts=Timeouts.MEASURED) == 99.5
    assert mean(two(below | {"solve_time_s": 101}), timeouts=Timeouts.MEASURED) == 100.0
    assert mean(two(below | {"termination": "memory"}), timeouts=Timeouts.MEASURED) == 100.0
    notes = compare(two(below), Options(timeouts=Timeouts.MEASURED)).notes
    assert "counts with its measured time" in notes[0]


@pytest.mark.parametrize("failures", list(Failures))
def test_nodes_of_a_failure_cannot_be_charged(failures: Failures) -> None:
    """The pair is left out, but for those who want what was recorded."""
    found = mean(two({"verdict": "crashed"}), measure="nodes", failures=failures)
    assert found == (7.0 if failures is Failures.KEEP else None)


def test_a_block_with_an_unknown_value_is_left_out_and_said() -> None:
    """An unknown time is no time."""
    comparison = compare(two({"solve_time_s": None}))
    assert comparison.table().n_counted == 0
    assert "solve_time_s is not known for all settings" in comparison.notes[0]


def test_without_any_limit_times_are_what_they_are() -> None:
    """And there is nothing to penalise with."""
    frame = two({"verdict": "limit", "termination": "time"}).drop(columns="time_limit_s")
    row = compare(frame).table().row("other")
    assert (row.mean, row.par10_s) == (50.0, None)


GAP = "time_to_gap_1_percent_s"


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({GAP: 20.0}, 20.0),
        (LIMIT | {"termination": "time", GAP: 30.0}, 30.0),
        (LIMIT | {"termination": "time", GAP: None}, 100.0),
        (LIMIT | {"termination": "time", GAP: 101.0}, 100.0),
        (LIMIT | {"termination": "normal", GAP: None}, 100.0),
        ({"verdict": "crashed", GAP: 5.0}, None),
    ],
)
def test_the_time_to_a_gap_counts_whatever_became_of_the_solve_then(
    other: dict[str, Any], expected: float | None
) -> None:
    """What was not reached is at the time limit."""
    assert mean(two({GAP: 10.0}).pipe(with_other, other), measure="gap_1_percent") == expected


def with_other(frame: pd.DataFrame, other: dict[str, Any]) -> pd.DataFrame:
    """Return the results with these values in the row of the other setting."""
    rows = frame.to_dict("records")
    return pd.DataFrame([rows[0] | {GAP: 10.0}, rows[1] | other])


def test_what_was_not_reached_is_penalised_by_par10() -> None:
    """A solve that ended at its limit after it had reached the gap is not."""
    at_limit = LIMIT | {"termination": "time"}
    for value, expected in ((30.0, 30.0), (None, 1000.0)):
        frame = with_other(two({}), at_limit | {GAP: value})
        row = compare(frame, Options(measure="gap_1_percent")).table().row("other")
        assert row.par10_s == expected


def test_a_setting_without_bounds_over_time_is_refused() -> None:
    """Tables of others have none; that is not the same as not reached."""
    frame = with_other(two({}), {GAP: None})
    with pytest.raises(
        UsageError, match="--measure gap_1_percent: the results of other have no bounds over time"
    ):
        compare(frame, Options(measure="gap_1_percent"))
