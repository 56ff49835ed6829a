"""The small plot of the bounds."""

from __future__ import annotations

from bench.model.results.solver_output import TracePoint
from bench.report.terminal.bounds_plot import bounds_plot


def point(time_s: float, primal: float | None, dual: float | None) -> TracePoint:
    """Return a moment of a solve."""
    return TracePoint(time_s=time_s, primal_bound=primal, dual_bound=dual, n_nodes=1)


def test_bounds_are_steps_that_meet() -> None:
    """The primal bound comes down, the dual one goes up, and the axes say from where to where."""
    trace = [point(0, None, 0), point(5, 10, 0), point(10, 4, 4)]
    assert bounds_plot(trace, width=24, height=7).splitlines() == [
        "          10 |     oooo",
        "             |",
        "             |         *",
        "             |",
        "           0 |xxxxxxxxx",
        "             +----------",
        "              0     10 s",
    ]


def test_where_bounds_begin_far_off_the_rest_can_be_seen() -> None:
    """The first instant does not decide the scale; it is marked at the edge."""
    plot = bounds_plot([point(0, 1e9, -1e9), point(0.1, 20, 10), point(10, 15, 15)])
    first, *_, last = plot.splitlines()[:-2]
    assert first.startswith("          20 |^o")
    assert last.startswith("          10 |vx")


def test_no_bounds_is_no_plot() -> None:
    """Neither an empty trace nor one without numbers is drawn."""
    assert bounds_plot([]) == ""
    assert bounds_plot([point(0, None, None), point(1, float("inf"), None)]) == ""


def test_one_moment_alone_is_drawn() -> None:
    """A solve that ended at once has a flat plot."""
    plot = bounds_plot([point(0, 3, 3)])
    assert "3 |" in plot
    assert "*" in plot
