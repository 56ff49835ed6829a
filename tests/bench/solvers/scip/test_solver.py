"""SCIP as a solver, in this process."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.errors import InstanceError
from bench.model.answer import Answer
from bench.model.limits import Clock, Limits
from bench.model.task import Task
from bench.model.workspace import Workspace
from bench.solvers.scip import reading
from bench.solvers.scip.solver import Scip

MakeTask = Callable[..., Task]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return an empty workspace."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    return Workspace(folder)


@pytest.fixture
def solve(scip_task: MakeTask, workspace: Workspace) -> Callable[..., Answer]:
    """Return a function that solves a file with SCIP."""
    return lambda path, **choices: Scip().solve(scip_task(path, **choices), workspace)


def test_an_optimal_answer_has_bounds_gap_and_effort(
    solve: Callable[..., Answer], knapsack: Path
) -> None:
    """The numbers of a solved instance are all there."""
    answer = solve(knapsack)
    assert (answer.status, answer.primal_bound, answer.dual_bound) == ("optimal", -8, -8)
    assert answer.gap == 0
    assert answer.n_nodes is not None
    assert answer.solve_time_s is not None
    assert answer.n_solutions is not None
    assert answer.n_solutions >= 1


def test_problem_statistics_are_those_of_the_file(
    solve: Callable[..., Answer], knapsack: Path
) -> None:
    """Counts, ranges and classes are read before presolve."""
    problem = solve(knapsack).problem
    assert problem is not None
    assert (problem.n_vars, problem.n_bins, problem.n_ints, problem.n_conss) == (3, 3, 0, 1)
    assert problem.n_nonzeros == 3
    assert problem.density == 1
    assert problem.classes["knapsack"] == 1
    assert problem.objective_range is not None
    assert (problem.objective_range.smallest, problem.objective_range.largest) == (3, 5)


def test_a_general_integer_in_0_1_counts_as_binary(
    solve: Callable[..., Answer], tmp_path: Path
) -> None:
    """LP format calls it general; the bounds decide, and SCIP's own count stands beside."""
    path = tmp_path / "general.lp"
    path.write_text("min\n x + y + z\nst\n c: x + y + z >= 1.5\nbounds\n x <= 1\n"
                    " y <= 7\ngeneral\n x y\nend\n")  # fmt: skip
    problem = solve(path).problem
    assert problem is not None
    assert (problem.n_bins, problem.n_ints, problem.n_conts) == (1, 1, 1)
    assert (problem.n_bins_declared, problem.n_ints_declared) == (0, 2)


def test_the_trace_begins_with_the_first_incumbent_and_ends_with_the_final_bounds(
    solve: Callable[..., Answer], root: Path
) -> None:
    """Every incumbent of the trace has the value that was found, not the one before."""
    answer = solve(root / "instances" / "gap-5x20.lp")
    incumbents = [point.primal_bound for point in answer.trace if point.incumbent]
    assert answer.first_primal_bound == incumbents[0]
    assert incumbents[-1] == pytest.approx(answer.primal_bound)
    assert answer.trace[-1].primal_bound == answer.primal_bound
    assert answer.trace[-1].dual_bound == answer.dual_bound
    assert [point.time_s for point in answer.trace] == sorted(p.time_s for p in answer.trace)


def test_solution_statistics_and_changed_parameters_are_files(
    solve: Callable[..., Answer], knapsack: Path, workspace: Workspace
) -> None:
    """A user finds the solution, SCIP's statistics and what was set."""
    answer = solve(knapsack, separating__maxrounds=0)
    assert re.search(r"objective value:\s+-8", workspace.solution.read_text())
    assert json.loads(workspace.statistics.read_text())["status"]
    assert "separating/maxrounds = 0" in workspace.settings.read_text()
    assert answer.params["separating/maxrounds"] == 0


def test_limits_reach_scip(solve: Callable[..., Answer], root: Path) -> None:
    """Nodes, gap, memory, time and clock are set."""
    limits = Limits(time_s=50, memory_mib=500, nodes=1, gap=0.5, clock=Clock.CPU)
    answer = solve(root / "instances" / "indset-100.mps.gz", limits=limits)
    assert answer.status in {"nodelimit", "gaplimit"}
    assert answer.params["limits/time"] == 50
    assert answer.params["limits/memory"] == 500
    assert answer.params["timing/clocktype"] == 1


def test_a_seed_changes_the_search_and_0_is_stock(solve: Callable[..., Answer], root: Path) -> None:
    """Seed 0 sets no parameter; another seed sets the random seed shift."""
    path = root / "instances" / "gap-5x20.lp"
    assert "randomization/randomseedshift" not in solve(path).params
    assert solve(path, seed=3).params["randomization/randomseedshift"] == 3


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ("min\n x\nst\n a: x >= 2\n b: x <= 1\nend\n", "infeasible"),
        ("max\n x\nst\n a: x - y <= 1\nend\n", "unbounded|inforunbd"),
    ],
)
def test_without_a_solution_there_are_no_bounds(
    solve: Callable[..., Answer], tmp_path: Path, content: str, status: str
) -> None:
    """Infinite bounds and rays are None, never numbers."""
    path = tmp_path / "problem.lp"
    path.write_text(content)
    answer = solve(path)
    assert re.fullmatch(status, answer.status or "")
    assert (answer.primal_bound, answer.dual_bound, answer.gap) == (None, None, None)
    assert answer.n_solutions == 0


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("garbage.mps", "this is no problem\n", "SCIP refuses garbage.mps: Syntax error in line"),
        ("empty.lp", "min\nend\n", "empty model"),
        ("nan.lp", "min\n nan x\nst\n a: x >= 1\nend\n", "nan|refuses"),
    ],
)
def test_a_file_without_sense_is_refused_with_the_reason(
    solve: Callable[..., Answer], tmp_path: Path, name: str, content: str, words: str
) -> None:
    """SCIP's own words are quoted; an empty model or nan is never optimal."""
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(InstanceError, match=words):
        solve(path)


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("COLUMNS", "objective"),
        ("ROWS", "coefficients of row room"),
        ("RHS", "right-hand side of row room"),
    ],
)
def test_nan_in_any_part_is_refused(
    solve: Callable[..., Answer], knapsack: Path, section: str, words: str
) -> None:
    """SCIP itself would call these optimal."""
    text = knapsack.read_text()
    old = {"COLUMNS": "cost -5", "ROWS": "room 4", "RHS": "room 6"}[section]
    knapsack.write_text(text.replace(old, f"{old.split()[0]} nan"))
    with pytest.raises(InstanceError, match=words):
        solve(knapsack)


def test_what_the_reader_warns_of_is_kept(solve: Callable[..., Answer], knapsack: Path) -> None:
    """A right-hand side for an unknown row is only a warning of SCIP, and easily overlooked."""
    knapsack.write_text(knapsack.read_text().replace("RHS room 6", "RHS room 6\n RHS rom 6"))
    assert any("rom" in warning for warning in solve(knapsack).reader_warnings)


def test_classes_are_the_same_where_the_library_cannot_be_reached(
    solve: Callable[..., Answer], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own classifier stands in for SCIP's."""
    path = root / "instances" / "cfl-10x20.mps.gz"
    limits = Limits(nodes=1)
    by_scip = solve(path, limits=limits).problem
    monkeypatch.setattr(reading, "classify", lambda _: None)
    by_us = solve(path, limits=limits).problem
    assert by_scip is not None
    assert by_us is not None
    assert by_scip.classes == by_us.classes
