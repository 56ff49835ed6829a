"""What every real solver promises: the same tests for all of them."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.errors import InstanceError, UsageError
from bench.model.instances.problem import Sense
from bench.model.limits import Clock, Limits
from bench.model.results.solver_output import SolverOutput
from bench.model.workspace import Workspace
from bench.solvers import registry

Solve = Callable[..., SolverOutput]

INFEASIBLE = "min\n x\nst\n a: x >= 2\n b: x <= 1\nend\n"
UNBOUNDED = "max\n x\nst\n a: x - y <= 1\nend\n"
MAXIMIZE = "max\n x + 3 y + 10\nst\n a: 2 x + 2 y <= 7\ngeneral\n x y\nend\n"


@pytest.fixture(params=["scip", "highs", "scip@9.2.4"])
def solver(request: pytest.FixtureRequest) -> str:
    """Return the name of each solver in turn, one in an environment of its own among them."""
    if "@" in request.param:
        request.getfixturevalue("scip_9")
    return str(request.param)


@pytest.fixture
def solve(solver: str, solve_by: Solve) -> Solve:
    """Return a function that solves a file."""
    return lambda path, **choices: solve_by(solver, path, **choices)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that makes an LP file."""

    def file(text: str) -> Path:
        path = tmp_path / "problem.lp"
        path.write_text(text)
        return path

    return file


def test_it_is_known_by_its_name(solver: str) -> None:
    """The registry has it, and it says its version."""
    loaded = registry.load(solver)
    assert loaded.name == solver
    assert solver in registry.names()
    assert re.fullmatch(r"\d+\.\d+\.\d+", loaded.version())


def test_it_declares_its_code_base_and_reads_what_it_declares(solver: str, knapsack: Path) -> None:
    """So that no version of it confirms another, and others are checked by what it reads."""
    declared = registry.declaration(solver)
    assert declared.code_base
    assert declared.title
    assert "mps" in declared.formats
    assert len(registry.load(solver).read(knapsack).columns) == 3


def test_an_optimal_answer_has_bounds_gap_and_effort(solve: Solve, knapsack: Path) -> None:
    """Every number of a solved instance is there."""
    answer = solve(knapsack)
    assert (answer.status, answer.primal_bound, answer.dual_bound) == ("optimal", -8, -8)
    assert answer.gap == 0
    assert answer.n_solutions is not None
    assert answer.n_solutions >= 1
    for number in (
        answer.n_nodes,
        answer.n_lp_iterations,
        answer.read_time_s,
        answer.presolve_time_s,
        answer.solve_time_s,
        answer.solve_wall_s,
        answer.solve_cpu_s,
        answer.first_incumbent_time_s,
        answer.primal_dual_integral,
    ):
        assert number is not None
        assert number >= 0


@pytest.mark.parametrize("content", [INFEASIBLE, UNBOUNDED])
def test_without_a_solution_there_are_no_bounds(
    solve: Solve, write: Callable[[str], Path], room: Workspace, content: str
) -> None:
    """Infinite bounds and rays are None, never numbers, and no solution is written."""
    answer = solve(write(content))
    expected = {"infeasible"} if content == INFEASIBLE else {"unbounded", "inforunbd"}
    assert answer.status in expected
    assert (answer.primal_bound, answer.dual_bound, answer.gap) == (None, None, None)
    assert answer.n_solutions == 0
    assert not room.solution.exists()


def test_a_maximum_has_the_signs_of_the_file(solve: Solve, write: Callable[[str], Path]) -> None:
    """Bounds, trace and constant are those of the problem as it was written."""
    answer = solve(write(MAXIMIZE))
    assert (answer.primal_bound, answer.dual_bound) == (19, 19)
    assert answer.problem is not None
    assert answer.problem.sense is Sense.MAXIMIZE
    assert answer.trace[-1].primal_bound == 19
    assert answer.first_primal_bound is not None
    assert answer.first_primal_bound <= 19


@pytest.mark.parametrize("clock", list(Clock))
def test_a_time_limit_ends_the_solve_with_bounds(solve: Solve, hard: Path, clock: Clock) -> None:
    """By either clock; the solve time is by the clock that was asked for."""
    limits = Limits(time_s=1.0, clock=clock)
    answer = solve(hard, limits=limits)
    assert answer.status == "timelimit"
    assert answer.primal_bound is not None
    assert answer.dual_bound is not None
    assert answer.dual_bound > answer.primal_bound
    assert answer.solve_time_s is not None
    assert answer.solve_time_s > 0.9


def test_a_node_limit_ends_the_search(solve: Solve, root: Path) -> None:
    """One node is the root."""
    answer = solve(root / "instances" / "mkp-5x40.lp", limits=Limits(nodes=1))
    assert answer.status == "nodelimit"
    assert answer.n_nodes == 1


def test_a_gap_limit_is_not_called_optimal(solve: Solve, root: Path) -> None:
    """Bounds that are apart are a limit that was reached, whatever the solver calls it."""
    answer = solve(root / "instances" / "gap-5x20.lp", limits=Limits(gap=0.2))
    assert answer.status == "gaplimit"
    assert answer.gap is not None
    assert 0.01 < answer.gap <= 0.2


@pytest.mark.slow
def test_the_trace_begins_with_an_incumbent_and_ends_with_the_final_bounds(
    solve: Solve, root: Path
) -> None:
    """Times ascend, dual bounds and incumbents get better, the end is the answer."""
    answer = solve(root / "instances" / "gap-5x20.lp")
    incumbents = [point.primal_bound for point in answer.trace if point.incumbent]
    assert answer.first_primal_bound == incumbents[0]
    assert incumbents == sorted(incumbents, key=lambda value: -(value or 0))
    assert incumbents[-1] == pytest.approx(answer.primal_bound)
    assert answer.trace[-1].primal_bound == answer.primal_bound
    assert answer.trace[-1].dual_bound == answer.dual_bound
    assert [point.time_s for point in answer.trace] == sorted(p.time_s for p in answer.trace)


@pytest.mark.slow
def test_a_solve_can_be_repeated_exactly_and_a_seed_is_passed_on(solve: Solve, root: Path) -> None:
    """Seed 0 sets nothing; the same seed does the same."""
    path = root / "instances" / "gap-5x20.lp"
    stock, first, second = solve(path), solve(path, seed=3), solve(path, seed=3)
    assert (first.n_nodes, first.n_lp_iterations) == (second.n_nodes, second.n_lp_iterations)
    seeds = [value for name, value in first.params.items() if "seed" in name]
    assert seeds == [3]
    assert not [name for name in stock.params if "seed" in name]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("garbage.mps", "this is no problem\n", "refuses garbage.mps"),
        ("empty.lp", "min\nend\n", "empty model"),
    ],
)
def test_a_file_without_sense_is_refused_with_the_reason(
    solver: str, solve: Solve, tmp_path: Path, name: str, content: str, words: str
) -> None:
    """Solving, inspecting and reading say the same."""
    path = tmp_path / name
    path.write_text(content)
    for use in (solve, registry.load(solver).inspect, registry.load(solver).read):
        with pytest.raises(InstanceError, match=words):
            use(path)


@pytest.mark.parametrize("old", ["cost -5", "room 4", "room 6"])
def test_nan_in_any_part_is_refused(solve: Solve, knapsack: Path, old: str) -> None:
    """No solver may leave it out and call the rest optimal."""
    knapsack.write_text(knapsack.read_text().replace(old, f"{old.split(maxsplit=1)[0]} nan"))
    with pytest.raises(InstanceError, match="nan"):
        solve(knapsack)


def test_the_solution_is_feasible_and_has_the_value_it_claims(
    solver: str, solve: Solve, root: Path, room: Workspace
) -> None:
    """By the other reader's numbers; one format for all solvers."""
    path = root / "instances" / "cfl-10x20.mps.gz"
    answer = solve(path)
    header, *lines = room.solution.read_text().splitlines()
    values = {line.split()[0]: float(line.split()[1]) for line in lines}
    assert header.startswith("objective value:")
    assert float(header.split()[2]) == pytest.approx(answer.primal_bound)
    program = registry.load("scip" if solver == "highs" else "highs").read(path)
    point = [values.pop(column.name, 0.0) for column in program.columns]
    assert not values
    objective = sum(c.objective * x for c, x in zip(program.columns, point, strict=True))
    assert objective + program.objective_offset == pytest.approx(answer.primal_bound)
    for column, x in zip(program.columns, point, strict=True):
        assert column.lower - 1e-6 <= x <= column.upper + 1e-6
        assert not column.integral or abs(x - round(x)) <= 1e-6
    for row in program.rows:
        activity = sum(a * point[i] for i, a in zip(row.indices, row.coefficients, strict=True))
        assert row.lhs - 1e-5 <= activity <= row.rhs + 1e-5


def statistics_in(room: Workspace) -> Any:
    """Return a task's statistics, which a supervisor has compressed."""
    if room.statistics.exists():
        return json.loads(room.statistics.read_text())
    return json.loads(gzip.decompress(room.compressed_statistics.read_bytes()))


def test_statistics_and_changed_parameters_are_files(
    solver: str, solve: Solve, knapsack: Path, room: Workspace
) -> None:
    """Statistics are JSON, settings are lines that the solver can read again."""
    answer = solve(knapsack, limits=Limits(nodes=77))
    assert statistics_in(room)
    assert room.solving.exists() or "@" in solver, "removed once a supervisor has ended"
    (name,) = [name for name, value in answer.params.items() if value == 77]
    assert re.search(rf"^{name} = 77$", room.settings.read_text(), re.MULTILINE)


def test_what_the_reader_warns_of_is_kept(solve: Solve, knapsack: Path) -> None:
    """A right-hand side for an unknown row is only a warning, and easily overlooked."""
    knapsack.write_text(knapsack.read_text().replace("RHS room 6", "RHS room 6\n RHS rom 6"))
    assert any("rom" in warning for warning in solve(knapsack).reader_warnings)


def test_every_limit_parameter_is_in_the_catalogue(solver: str) -> None:
    """A name that nobody knows could not be set."""
    loaded = registry.load(solver)
    assert set(loaded.limit_parameters) <= set(loaded.parameters())


def test_a_wrong_name_or_value_is_refused_before_any_solve(solver: str) -> None:
    """With the name that was meant, and with the range."""
    catalogue = registry.load(solver).parameters()
    name = next(iter(registry.load(solver).limit_parameters))
    with pytest.raises(UsageError, match=f"did you mean .*{name}"):
        catalogue.check(name + "s", 1)
    with pytest.raises(UsageError, match="outside"):
        catalogue.check(name, -7)
