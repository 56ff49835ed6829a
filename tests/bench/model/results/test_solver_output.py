"""What is worked out of an answer."""

from __future__ import annotations

from bench.model.results.solver_output import SolverOutput, TracePoint

TRACE = (
    TracePoint(0.5, None, 50.0, 1),
    TracePoint(1.0, 100.0, 50.0, 1, incumbent=True),
    TracePoint(2.0, 100.0, 92.0, 5),
    TracePoint(3.0, 100.0, 96.0, 9),
)


def test_the_time_to_a_gap_is_that_of_the_first_bounds_within_it() -> None:
    """What was not reached has none."""
    answer = SolverOutput(status="timelimit", trace=TRACE, solve_time_s=4.0)
    assert answer.times_to_gap_s == {10: 2.0, 5: 3.0, 1: None}


def test_what_is_optimal_has_reached_any_gap_at_its_end() -> None:
    """Bounds of which one is zero have no gap before they meet."""
    answer = SolverOutput(status="optimal", trace=TRACE, solve_time_s=4.0)
    assert answer.times_to_gap_s[1] == 4.0
    assert SolverOutput(status="optimal", solve_time_s=4.0).times_to_gap_s[1] is None
