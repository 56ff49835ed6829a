"""What every solver promises, library or executable: executed as campaigns do, and checked."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.execution.host import linux
from bench.execution.process.launch import LaunchedTask
from bench.model.instances.problem import Sense
from bench.model.limits import Limits
from bench.model.results.process_stats import Termination
from bench.model.results.result import Outcome
from bench.model.start import Start
from bench.solvers import registry
from bench.solvers.environments.make import remove
from bench.solvers.executables.add import add
from tests.executables import script
from tests.waiting import PATIENCE_S, until

pytestmark = pytest.mark.usefixtures("fork_server")

Solve = Callable[..., Outcome]
Launch = Callable[..., LaunchedTask]

INFEASIBLE = "min x st a: x + y >= 2; b: x + y <= 1 general x y end"
UNBOUNDED = "max x st a: x - y <= 1 end"
UNBOUNDED_INTEGER = "max x st a: x - y <= 1 general x y end"
MAXIMUM = """\
NAME maximum
OBJSENSE
 MAX
ROWS
 N obj
 L a
COLUMNS
 m 'MARKER' 'INTORG'
 x obj 1 a 2
 y obj 3 a 2
 m 'MARKER' 'INTEND'
RHS
 rhs obj -10 a 7
BOUNDS
 UP bnd x 9
 UP bnd y 9
ENDATA
"""
BOUNDS = (
    "min x + y + 2 z st a: x + y >= -9; c: 4 z >= -5 "
    "bounds -3 <= x <= 8; y >= -2.5; z free general x y end"
)
OPTIMAL = {
    "maximum with a constant": (MAXIMUM, 19),
    "bounds": (BOUNDS, -7.5),
    "no integers": ("min 3 x + y st a: x + y >= 2.5 bounds y <= 2 end", 3.5),
    "nothing to decide": ("min x st a: x >= 3; b: x <= 3 general x end", 3),
}
"""Small problems with their optimal values; another reading of any of them has another value."""
UNLIMITED: dict[str, dict[str, float]] = {
    "shell": {"limits/time": 1e9},
    "program": {"time_limit": 1e9},
    "cbc": {"seconds": 1e9},
    "glpk": {"tmlim": 10**6},
    "gurobi": {"TimeLimit": 1e9},
    "xpress": {"timelimit": 1e9},
    "cplex": {"timelimit": 1e9},
    "copt": {"TimeLimit": 1e9},
}
"""How each solver that was added is kept from stopping at its own time limit."""
STARTED = {
    "scip": "given by solution candidate storage, new primal bound 1.5",
    "highs": "Assessing feasibility of MIP solution .*: feasible",
    "shell": "given by solution candidate storage, new primal bound 1.5",
    "cbc": "MIPStart provided solution with cost -5",
    "gurobi": "user MIP start with objective 15",
    "xpress": "User solution .start. accepted",
    "cplex": "defined initial solution with objective 15",
    "copt": "Initial MIP solution .* objective value 15 was accepted",
}
"""What the log of a solver says of a start with the value 15, for each that takes one."""
SILENT = {"program", "glpk"}
"""Solvers that end without a word when they are asked to stop; all others tell their bounds."""


def problem(folder: Path, text: str) -> Path:
    """Write an MPS file, or an LP file whose text has blanks and semicolons for ends of lines."""
    if text.startswith("NAME"):
        path = folder / "problem.mps"
        path.write_text(text)
        return path
    lines = re.sub(r"\b(min|max|st|bounds|general|end)\b ?", r"\n\1\n ", text.replace("; ", "\n "))
    path = folder / "problem.lp"
    path.write_text(lines)
    return path


@pytest.mark.parametrize("kind", OPTIMAL)
def test_an_optimum_is_that_of_the_file_as_it_is_meant(
    solver: str, solve: Solve, tmp_path: Path, kind: str
) -> None:
    """With the signs, names and constant of the file, and a solution that holds there."""
    text, value = OPTIMAL[kind]
    outcome = solve(solver, problem(tmp_path, text))
    answer, check = outcome.answer, outcome.verification
    assert (answer.status, outcome.execution.termination) == ("optimal", Termination.NORMAL)
    assert answer.primal_bound == pytest.approx(value, abs=1e-6)
    assert answer.dual_bound == pytest.approx(value, abs=1e-6)
    assert answer.problem is not None
    assert (answer.problem.sense is Sense.MAXIMIZE) == (text is MAXIMUM)
    assert check is not None
    assert (check.skipped, check.independent) == (None, True)
    assert check.level != "none"
    assert answer.is_from_log == (registry.executable(solver) is not None)


def test_a_constant_in_an_lp_file_is_read_or_the_file_is_refused(
    solver: str, solve: Solve, tmp_path: Path
) -> None:
    """Gurobi takes it for a column."""
    outcome = solve(solver, problem(tmp_path, "min 2 x + 1.5 st a: 3 x >= 4 general x end"))
    if solver == "gurobi":
        assert outcome.execution.termination is Termination.REFUSED
        assert "misreads problem.lp" in str(outcome.answer.error)
    else:
        assert outcome.answer.primal_bound == pytest.approx(5.5)


@pytest.mark.parametrize("text", [INFEASIBLE, UNBOUNDED, UNBOUNDED_INTEGER])
def test_without_an_optimum_there_is_no_incumbent(
    solver: str, solve: Solve, tmp_path: Path, text: str
) -> None:
    """Whatever values are in the file that it leaves."""
    outcome = solve(solver, problem(tmp_path, text))
    answer = outcome.answer
    expected = {"infeasible"} if text == INFEASIBLE else {"unbounded", "inforunbd"}
    assert answer.status in expected
    assert (answer.primal_bound, answer.dual_bound, answer.gap) == (None, None, None)
    assert answer.n_solutions == 0
    assert not (outcome.folder / "solution.sol").exists()


@pytest.mark.slow
def test_a_time_limit_ends_the_solve_with_bounds(solver: str, solve: Solve, hard: Path) -> None:
    """Both of them, the dual one on the other side of the optimum; and the solution holds."""
    outcome = solve(solver, hard, limits=Limits(time_s=1.0))
    answer = outcome.answer
    assert (answer.status, outcome.execution.termination) == ("timelimit", Termination.TIME)
    assert answer.primal_bound is not None
    assert answer.dual_bound is not None
    assert answer.primal_bound < answer.dual_bound
    assert answer.solve_wall_s is not None
    assert answer.solve_wall_s > 0.9


@pytest.mark.slow
def test_one_that_goes_on_after_its_limit_is_asked_to_stop(
    added_solver: str, solve: Solve, hard: Path
) -> None:
    """It tells its bounds, or those of its log are taken, or there are honestly none."""
    limits = Limits(time_s=0.2, grace_s=6)
    outcome = solve(added_solver, hard, limits=limits, params=UNLIMITED[added_solver])
    answer = outcome.answer
    assert outcome.execution.termination is Termination.TIME
    assert outcome.execution.wall_s < PATIENCE_S
    if added_solver not in SILENT:
        assert answer.dual_bound is not None
    if answer.primal_bound is not None and answer.dual_bound is not None:
        assert answer.primal_bound <= answer.dual_bound
    assert (outcome.folder / "solution.sol").exists() == (
        added_solver not in SILENT and answer.primal_bound is not None
    )


def test_a_gap_limit_is_not_called_optimal(solver: str, solve: Solve, root: Path) -> None:
    """Whatever the solver calls it."""
    limits = Limits(gap=0.2, time_s=60)
    answer = solve(solver, root / "instances" / "gap-5x20.lp", limits=limits).answer
    assert answer.status == "gaplimit"
    assert answer.gap is not None
    assert 0.001 < answer.gap <= 0.2
    assert answer.primal_bound is not None
    assert answer.dual_bound is not None
    assert answer.dual_bound < answer.primal_bound


def test_a_seed_is_taken(solver: str, solve: Solve, knapsack: Path) -> None:
    """The answer is the same."""
    assert solve(solver, knapsack, seed=3).answer.primal_bound == -8


def test_a_start_is_taken_or_declared_not_to_be(solver: str, solve: Solve, tmp_path: Path) -> None:
    """With the names of the file, whatever signs and constant the solver gets; its log says so."""
    path = tmp_path / "x.sol"
    path.write_text("y 1\nx 2\n")
    start = Start(path=str(path), digest=hashlib.sha256(path.read_bytes()).hexdigest())
    assert registry.declaration(solver).takes_start == (solver in STARTED)
    if solver in STARTED:
        outcome = solve(solver, problem(tmp_path, MAXIMUM), start=start)
        assert outcome.answer.primal_bound == 19
        assert re.search(STARTED[solver], (outcome.folder / "solver.log").read_text())


def test_a_file_that_nobody_can_read_is_refused(solver: str, solve: Solve, tmp_path: Path) -> None:
    """With a reason, and without an answer."""
    path = tmp_path / "broken.mps"
    path.write_text("NAME\nROWS\n N obj\n X wrong\nENDATA\n")
    outcome = solve(solver, path)
    assert outcome.execution.termination is Termination.REFUSED
    assert outcome.answer.status is None
    assert outcome.answer.error


def test_a_solver_that_is_killed_has_crashed(
    solver: str, launch: Launch, outcome_of: Callable[[LaunchedTask], Outcome], hard: Path
) -> None:
    """The signal is known, and no bound is made up."""
    launched = launch(solver, hard)
    mark = launched.order.folder / "solving"
    until(mark.exists)
    time.sleep(0.1)
    (supervisor,) = [
        pid for pid in linux.descendants(os.getpid()) if mark.parent.name in _open_files(pid)
    ][:1]
    for pid in linux.children(supervisor):
        os.kill(pid, signal.SIGKILL)
    outcome = outcome_of(launched)
    assert outcome.execution.termination is Termination.SIGNAL
    assert outcome.execution.signal == "SIGKILL"
    assert outcome.answer.status is None
    assert outcome.answer.primal_bound is None


def _open_files(pid: int) -> str:
    """Return the paths of a process's open files, as one text."""
    try:
        return "\n".join(str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return ""


@pytest.mark.slow
def test_a_script_around_an_executable_lets_it_answer(
    solve: Solve, hard: Path, tmp_path: Path, executables: dict[str, str]
) -> None:
    """The signal that asks it to stop goes to all that the script has started."""
    if "cbc" in executables:
        pytest.skip(executables["cbc"])
    wrapper = script(tmp_path / "wrapper", f'#!/bin/sh\n{shutil.which("cbc")} "$@"\necho ended\n')
    add("wrapper", wrapper, "cbc")
    limits = Limits(time_s=0.2, grace_s=6)
    answer = solve("wrapper", hard, limits=limits, params=UNLIMITED["cbc"]).answer
    assert answer.status in {"userinterrupt", "timelimit"}
    assert answer.primal_bound is not None
    assert answer.dual_bound is not None
    remove("wrapper")
