"""HiGHS as a solver, in this process: what is its own."""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from highspy import cb

from bench.errors import InstanceError, SolverError, UnsupportedError
from bench.model.limits import Clock, Limits
from bench.model.results.solver_output import SolverOutput
from bench.model.workspace import Workspace
from bench.solvers import registry
from bench.solvers.highs import outcome
from bench.solvers.highs.events import Guard
from tests.waiting import PATIENCE_S

Solve = Callable[..., SolverOutput]


@pytest.fixture
def solve(solve_by: Solve) -> Solve:
    """Return a function that solves a file with HiGHS."""
    return lambda path, **choices: solve_by("highs", path, **choices)


def write(folder: Path, text: str) -> Path:
    """Return an LP file with this text."""
    path = folder / "problem.lp"
    path.write_text(text)
    return path


@pytest.mark.slow
def test_problem_statistics_are_those_that_scip_finds(root: Path) -> None:
    """Counts, ranges and classes of every bundled instance."""
    for path in sorted(root.glob("instances/*.[lm]*p*")):
        mine, scips = registry.load("highs").inspect(path), registry.load("scip").inspect(path)
        assert mine.problem == scips.problem, path.name


def test_stock_settings_but_for_one_thread(solve: Solve, knapsack: Path) -> None:
    """Nothing is changed that nobody asked for; a gap limit only where one was given."""
    assert solve(knapsack).params == {"threads": 1, "time_limit": 60.0}
    assert solve(knapsack, threads=2).params["threads"] == 2
    assert solve(knapsack, limits=Limits(gap=0)).params["mip_rel_gap"] == 0


def test_a_gap_within_the_stock_tolerance_is_optimal(solve: Solve, root: Path) -> None:
    """HiGHS itself leaves up to 1e-4 open; that is its notion of optimal."""
    answer = solve(root / "instances" / "mkp-5x40.lp")
    assert answer.status == "optimal"
    assert answer.gap is not None
    assert answer.gap <= outcome.STOCK_GAP


def test_the_sizes_after_presolve_come_from_the_log(solve: Solve, root: Path) -> None:
    """Of a MIP all kinds of columns, of an LP the continuous ones."""
    mip = solve(root / "instances" / "mkp-5x40.lp", limits=Limits(nodes=1)).presolved
    assert mip is not None
    assert (mip.n_vars, mip.n_bins, mip.n_conss, mip.n_nonzeros) == (40, 40, 5, 200)
    relaxed = solve(root / "instances" / "mkp-5x40.lp", solve_relaxation=True).presolved
    assert relaxed is None or relaxed.n_bins == 0


def test_a_linear_program_has_equal_bounds_and_no_tree(solve: Solve, tmp_path: Path) -> None:
    """Primal and dual are the optimal value; the integral needs bounds over time."""
    answer = solve(write(tmp_path, "max\n x + 3 y\nst\n a: 2 x + 2 y <= 7\nend\n"))
    assert (answer.status, answer.primal_bound, answer.dual_bound) == ("optimal", 10.5, 10.5)
    assert (answer.gap, answer.n_nodes, answer.primal_dual_integral) == (0, 0, None)
    assert [point.incumbent for point in answer.trace] == [True]


CONVEX = "min\n x + [ x^2 ] / 2\nst\n a: x + y >= 1\n"


def test_a_convex_quadratic_objective_is_solved(solve: Solve, tmp_path: Path) -> None:
    """By HiGHS's own method for it; a semidefinite one is convex, a maximised one concave."""
    assert solve(write(tmp_path, CONVEX + "end\n")).primal_bound == pytest.approx(0)
    semidefinite = "min\n x + [ x^2 - 2 x * y + y^2 ] / 2\nst\n a: x + y >= 1\nend\n"
    assert solve(write(tmp_path, semidefinite)).primal_bound == pytest.approx(0.375)
    concave = "max\n 4 x + [ - 2 x^2 ] / 2\nst\n a: x + y <= 9\nend\n"
    assert solve(write(tmp_path, concave)).primal_bound == pytest.approx(4)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (CONVEX + "general\n x\nend\n", "integer columns and quadratic"),
        (CONVEX + "bounds\n 1 <= x <= 5\nsemi\n x\nend\n", "Cannot solve MIQP"),
        ("min\n x + [ - x^2 ] / 2\nst\n a: x + y <= 1\nend\n", "nonconvex"),
        ("max\n x + [ x^2 ] / 2\nst\n a: x + y <= 1\nend\n", "nonconvex"),
        ("min\n x + [ x * y ] / 2\nst\n a: x + y >= 1\nend\n", "nonconvex"),
        ("min\n x + [ x^2 - 3 x * y + y^2 ] / 2\nst\n a: x + y >= 1\nend\n", "nonconvex"),
    ],
)
def test_a_class_of_problems_without_a_method_is_unsupported(
    solve: Solve, tmp_path: Path, text: str, words: str
) -> None:
    """HiGHS reads them all, so that it neither refuses the file nor crashes."""
    with pytest.raises(UnsupportedError, match=words):
        solve(write(tmp_path, text))


@pytest.mark.skipif(
    not hasattr(cb.HighsCallbackType, "kHighsCallbackQpInterrupt"), reason="new in HiGHS 1.16"
)
def test_a_quadratic_objective_ends_at_a_limit_that_bench_holds(
    solve: Solve, tmp_path: Path
) -> None:
    """Its own method has a callback of its own."""
    path = write(tmp_path, "min\n x + [ x^2 + y^2 ] / 2\nst\n a: x + y >= 1\nend\n")
    answer = solve(path, limits=Limits(time_s=0.0, clock=Clock.CPU))
    assert answer.status == "timelimit"
    assert answer.dual_bound is None


def test_semi_continuous_columns_are_solved(solve: Solve, tmp_path: Path) -> None:
    """Zero or from the lower bound on."""
    text = "min\n x\nst\n a: x + y >= 3\nbounds\n 2 <= x <= 5\n y <= 2\nsemi\n x\nend\n"
    assert solve(write(tmp_path, text)).primal_bound == pytest.approx(2)


@pytest.mark.parametrize(
    ("options", "status"),
    [({"mip_max_improving_sols": 1}, "sollimit"), ({"mip_max_leaves": 1}, "nodelimit")],
)
def test_limits_of_the_search_tree_are_told_apart(
    solve: Solve, root: Path, options: dict[str, int], status: str
) -> None:
    """HiGHS has one word for all of them."""
    assert solve(root / "instances" / "gap-5x20.lp", **options).status == status


def test_an_interrupt_ends_the_solve_with_bounds(solve: Solve, room: Workspace, hard: Path) -> None:
    """SIGINT is noticed at the next callback, and is no KeyboardInterrupt."""
    before = signal.getsignal(signal.SIGINT)

    def press() -> None:
        while not room.solving.exists():
            time.sleep(0.05)
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGINT)

    pressing = threading.Thread(target=press)
    pressing.start()
    answer = solve(hard)
    pressing.join()
    assert answer.status == "userinterrupt"
    assert answer.primal_bound is not None
    assert answer.solve_wall_s is not None
    assert answer.solve_wall_s < PATIENCE_S
    assert signal.getsignal(signal.SIGINT) is before


def test_a_value_that_only_highs_can_check_is_refused_when_it_is_set(
    solve: Solve, knapsack: Path
) -> None:
    """Of some options HiGHS tells no range."""
    with pytest.raises(SolverError, match="refuses the option simplex_price_strategy = 99"):
        solve(knapsack, simplex_price_strategy=99)


@pytest.mark.parametrize(
    ("old", "new"),
    [(" M2 'MARKER'", " a cost -5 room 4\n M2 'MARKER'"), (" L room", " L room\n L room")],
    ids=["columns", "rows"],
)
def test_two_of_one_name_are_refused(solve: Solve, knapsack: Path, old: str, new: str) -> None:
    """HiGHS itself goes on with one more than SCIP would have."""
    knapsack.write_text(knapsack.read_text().replace(old, new))
    with pytest.raises(InstanceError, match="have the same name"):
        solve(knapsack)


def test_a_memory_limit_is_held_by_bench(
    solve: Solve, hard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HiGHS has none; the bounds known so far are there.

    What this process has grows with each look: memory that earlier tests left free is taken again.
    """
    taken = itertools.count(100.0, 10.0)
    monkeypatch.setattr(Guard, "_mib", lambda _: next(taken))
    answer = solve(hard, limits=Limits(memory_mib=25))
    assert answer.status == "memlimit"
    assert answer.dual_bound is not None
