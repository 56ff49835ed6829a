"""The output of HiGHS's program."""

from __future__ import annotations

from pathlib import Path

from bench.model.limits import Limits
from bench.solvers.executables.adapter import Call, Ended, Line
from bench.solvers.executables.highs import ADAPTER, SOLUTION


def test_a_time_limit_while_it_reads_is_a_time_limit(tmp_path: Path) -> None:
    """The program counts the time of reading, and calls it an error."""
    call = Call(problem="p.mps", folder=tmp_path, limits=Limits(time_s=1), seed=0, params={})
    said = ("WARNING: Free format reader reached time_limit", "ERROR:   Parser reached timeout")
    ended = Ended(call=call, lines=[Line(0.1, each) for each in said], exit_code=255)
    assert ADAPTER.claims(ended).status == "timelimit"


def test_the_status_may_be_in_the_solution_file_alone(tmp_path: Path) -> None:
    """The program prints none for a problem that presolve has emptied, with semi-continuity."""
    call = Call(problem="p.mps", folder=tmp_path, limits=Limits(time_s=1), seed=0, params={})
    (tmp_path / SOLUTION).write_text(
        "Model status\nOptimal\n\n# Primal solution values\nFeasible\nObjective 10\n"
        "# Columns 2\np 0\nq 2\n# Rows 1\nneed 2\n"
    )
    lines = [Line(0.1, "Presolve reductions: rows 0(-1) - Reduced to empty")]
    claims = ADAPTER.claims(Ended(call=call, lines=lines, exit_code=0))
    assert (claims.status, claims.primal_bound, claims.dual_bound) == ("optimal", 10, 10)


def test_an_empty_model_is_no_problem(tmp_path: Path) -> None:
    """It makes one of text that is no problem file."""
    call = Call(problem="p.lp", folder=tmp_path, limits=Limits(time_s=1), seed=0, params={})
    claims = ADAPTER.claims(
        Ended(call=call, lines=[Line(0.1, "Model status        : Empty")], exit_code=0)
    )
    assert claims.refusal.startswith("empty model")


def test_a_file_that_it_does_not_load_is_refused(tmp_path: Path) -> None:
    """Also if it can parse the file, e.g. a right-hand side that is no number."""
    call = Call(problem="p.mps", folder=tmp_path, limits=Limits(time_s=1), seed=0, params={})
    said = (
        "WARNING: Row             0 has inconsistent bounds [        -inf,          nan]",
        "ERROR:   Row             0 has upper bound of          nan <=       -1e+20",
        "Error loading file",
    )
    ended = Ended(call=call, lines=[Line(0.1, each) for each in said], exit_code=255)
    claims = ADAPTER.claims(ended)
    assert (claims.refusal, claims.failure) == (said[1], "")
