"""SCIP as a solver, in this process."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.errors import InstanceError
from bench.model.limits import Clock, Limits
from bench.model.results.solver_output import SolverOutput
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
def solve(scip_task: MakeTask, workspace: Workspace) -> Callable[..., SolverOutput]:
    """Return a function that solves a file with SCIP."""
    return lambda path, **choices: Scip().solve(scip_task(path, **choices), workspace)


def test_problem_statistics_are_those_of_the_file(
    solve: Callable[..., SolverOutput], knapsack: Path
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
    solve: Callable[..., SolverOutput], tmp_path: Path
) -> None:
    """LP format calls it general; the bounds decide, and SCIP's own count stands beside."""
    path = tmp_path / "general.lp"
    path.write_text("min\n x + y + z\nst\n c: x + y + z >= 1.5\nbounds\n x <= 1\n"
                    " y <= 7\ngeneral\n x y\nend\n")  # fmt: skip
    problem = solve(path).problem
    assert problem is not None
    assert (problem.n_bins, problem.n_ints, problem.n_conts) == (1, 1, 1)
    assert (problem.n_bins_declared, problem.n_ints_declared) == (0, 2)


def test_solution_statistics_and_changed_parameters_are_files(
    solve: Callable[..., SolverOutput], knapsack: Path, workspace: Workspace
) -> None:
    """A user finds the solution, SCIP's statistics and what was set."""
    answer = solve(knapsack, separating__maxrounds=0)
    assert re.search(r"objective value:\s+-8", workspace.solution.read_text())
    assert json.loads(workspace.statistics.read_text())["status"]
    assert "separating/maxrounds = 0" in workspace.settings.read_text()
    assert answer.params["separating/maxrounds"] == 0


def test_limits_reach_scip(solve: Callable[..., SolverOutput], root: Path) -> None:
    """Nodes, gap, memory, time and clock are set."""
    limits = Limits(time_s=50, memory_mib=500, nodes=1, gap=0.5, clock=Clock.CPU)
    answer = solve(root / "instances" / "indset-100.mps.gz", limits=limits)
    assert answer.status in {"nodelimit", "gaplimit"}
    assert answer.params["limits/time"] == 50
    assert answer.params["limits/memory"] == 500
    assert answer.params["timing/clocktype"] == 1


@pytest.mark.slow
def test_a_seed_changes_the_search_and_0_is_stock(
    solve: Callable[..., SolverOutput], root: Path
) -> None:
    """Seed 0 sets no parameter; another seed sets the random seed shift."""
    path = root / "instances" / "gap-5x20.lp"
    assert "randomization/randomseedshift" not in solve(path).params
    assert solve(path, seed=3).params["randomization/randomseedshift"] == 3


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("garbage.mps", "this is no problem\n", "SCIP refuses garbage.mps: Syntax error in line"),
        ("empty.lp", "min\nend\n", "empty model"),
        ("nan.lp", "min\n nan x\nst\n a: x >= 1\nend\n", "nan|refuses"),
    ],
)
def test_a_file_without_sense_is_refused_with_the_reason(
    solve: Callable[..., SolverOutput], tmp_path: Path, name: str, content: str, words: str
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
    solve: Callable[..., SolverOutput], knapsack: Path, section: str, words: str
) -> None:
    """SCIP itself would call these optimal."""
    text = knapsack.read_text()
    old = {"COLUMNS": "cost -5", "ROWS": "room 4", "RHS": "room 6"}[section]
    knapsack.write_text(text.replace(old, f"{old.split()[0]} nan"))
    with pytest.raises(InstanceError, match=words):
        solve(knapsack)


def test_classes_are_the_same_where_the_library_cannot_be_reached(
    solve: Callable[..., SolverOutput], root: Path, monkeypatch: pytest.MonkeyPatch
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
