"""Threads: who has them, and what is said of them."""

from __future__ import annotations

import pytest

from bench.errors import UsageError
from bench.model.limits import Clock, Limits
from bench.model.setting import Setting
from bench.planning.threads import check_threads, thread_notes, threaded, threads_of

PARAMETERS = {"scip": {"limits/time": "time_s"}, "highs": {"threads": "threads"}}
ABLE = threaded(PARAMETERS)
SCIP, HIGHS = Setting(name="a", solver="scip"), Setting(name="b", solver="highs")


def test_several_threads_are_refused_where_no_solver_has_them() -> None:
    """By the solver's name; where one of several has them, the others are noted."""
    with pytest.raises(UsageError, match=r"^s.yaml:3: threads: solver 'scip' cannot use"):
        check_threads(2, ["scip"], ABLE, "s.yaml:3: threads: ")
    with pytest.raises(UsageError, match="solvers 'scip', 'fake' cannot use several threads"):
        check_threads(2, ["scip", "fake", "scip"], ABLE)
    check_threads(2, ["scip", "highs"], ABLE)
    check_threads(1, ["scip"], ABLE)
    check_threads(None, ["scip"], ABLE)


def test_what_several_threads_mean_is_noted() -> None:
    """A solver without them, and a clock that counts all of them."""
    two = {name: Limits(threads=2) for name in "ab"}
    assert [*thread_notes([SCIP, HIGHS], two, ABLE)] == [
        "solver 'scip' uses one thread: 1 of the 2 cores of its tasks"
    ]
    by_cpu = {"b": Limits(threads=2, clock=Clock.CPU)}
    assert [line for line in thread_notes([HIGHS], by_cpu, ABLE) if "counts all threads" in line]
    assert not [*thread_notes([SCIP, HIGHS], {name: Limits() for name in "ab"}, ABLE)]


def test_a_settings_own_threads_are_known() -> None:
    """Where no limits are given, as in a server."""
    four = Setting(name="four", solver="highs", params={"threads": 4})
    assert threads_of(four, PARAMETERS["highs"]) == 4
    assert threads_of(HIGHS, PARAMETERS["highs"]) == 1
