"""Verifying what a solver wrote: who reads, and what happens where nobody can."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.errors import InstanceError, UsageError
from bench.execution.request import ExecutionRequest
from bench.execution.solution_check import examine, verify
from bench.instances.generators import families
from bench.instances.generators.linear_model import to_mps
from bench.model.instances.linear_program import LinearProgram
from bench.model.results.verification import Level, Quantity, Verification
from bench.model.setting import Setting
from bench.model.task import Task
from bench.model.workspace import Workspace
from bench.solvers import registry
from bench.solvers.scip import checking
from bench.solvers.scip.solver import Scip

Solve = Callable[..., Path]
MakeTask = Callable[..., Task]
BUNDLED = ("gap-5x20.lp", "cfl-10x20.mps.gz", "lotsize-6x15.mps.gz", "mcflow-40x200.mps.gz")

BEYOND = """\
Maximize
 obj: x + y + 2 z
Subject To
 c1: z = 1 -> x + y <= 2
 q: [ x^2 ] + y <= 9
Bounds
 x <= 4
 y <= 3
General
 y
Binary
 z
End
"""
"""An indicator and a quadratic constraint; x = y = z = 1 is worth 4."""

QUADRATIC = {
    "q.lp": """\
Maximize
 obj: x + y + [ - 2 x^2 - x * y - 2 y^2 ] / 2
Subject To
 r: x + y >= 0.5
Bounds
 x <= 3
 y <= 3
End
""",
    "q.mps": """\
NAME q
OBJSENSE
    MAX
ROWS
 N obj
 G r
COLUMNS
 x obj 1 r 1
 y obj 1 r 1
RHS
 RHS r 0.5
BOUNDS
 UP BND x 3
 UP BND y 3
QUADOBJ
 x x -2
 x y -0.5
 y y -2
ENDATA
""",
}
"""The same quadratic objective, whose optimum x = y = 0.4 is worth 0.4."""


@pytest.fixture
def beyond(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file beyond linear rows, with SCIP able to check solutions of it."""

    def check(_: Scip, *arguments: object) -> Verification:
        return checking.check(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Scip, "check", check, raising=False)
    path = tmp_path / "beyond.lp"
    path.write_text(BEYOND)
    return path


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that writes a solution file."""

    def write(text: str) -> Path:
        path = tmp_path / "written.sol"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def order(scip_task: MakeTask, knapsack: Path, tmp_path: Path) -> ExecutionRequest:
    """Return an order of SCIP for the knapsack whose optimum is already written."""
    folder = tmp_path / "folder"
    folder.mkdir()
    Workspace(folder).solution.write_text("objective value: -8\na 1 (obj:-5)\nc 1 (obj:-3)\n")
    return ExecutionRequest(task=scip_task(knapsack), folder=folder)


@pytest.mark.slow
@pytest.mark.parametrize("name", BUNDLED)
def test_what_scip_finds_holds_as_highs_reads_it(root: Path, solved: Solve, name: str) -> None:
    """Real solutions of bundled instances, to far less than 1e-6."""
    path = root / "instances" / name
    found = examine(path, solved(path, **{"limits/nodes": 10}), solver="scip")
    assert found.level in {Level.CLAIMED, Level.SOLVER}
    assert (found.reader, found.independent, found.exact) == ("highs", True, True)


@pytest.mark.slow
def test_scips_equation_that_is_missed_by_one_is_seen(tmp_path: Path, solved: Solve) -> None:
    """Its "optimum" holds to 1e-6 relative to 2 million, and is no solution of the equation."""
    path = tmp_path / "k.mps"
    model = families.generate("integer_knapsack", {"items": 8, "multiplier": 10000}, 2)
    path.write_text(to_mps(model))
    found = examine(path, solved(path), solver="scip")
    row = next(one for one in found.violations if one.quantity is Quantity.ROW)
    assert (row.absolute, row.where) == (1.0, "sum_0")
    assert row.relative == pytest.approx(1 / 2029972, rel=1e-3)
    assert found.level is Level.SOLVER
    assert any("row sum_0 is off by 1" in note for note in found.notes)


def test_the_claim_of_the_file_is_checked_unless_another_is_given(
    knapsack: Path, written: Callable[[str], Path]
) -> None:
    """A wrong claim in the file, and a right one from elsewhere."""
    path = written("objective value: -9\na 1\nc 1\n")
    assert examine(knapsack, path).level is Level.NONE
    assert examine(knapsack, path, claimed_objective=-8.0).level is Level.CLAIMED


def test_a_reader_that_cannot_is_replaced_by_the_other_and_labelled(
    shared: Path, solved: Solve
) -> None:
    """HiGHS reads no CIP: SCIP's own reader is not independent of SCIP."""
    path = shared / "instances" / "visible" / "4sHB.cip"
    found = examine(path, solved(path), solver="scip")
    assert (found.reader, found.independent, found.exact) == ("scip", False, True)
    assert found.level is Level.CLAIMED
    assert found.notes[0].startswith("HiGHS refuses 4sHB.cip")
    assert str(path.parent) not in "".join(found.notes)


@pytest.mark.parametrize("name", QUADRATIC)
@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("objective value: 0.4\nx 0.4\ny 0.4\n", Level.CLAIMED),
        ("objective value: 0.4\nx 0.4\ny 0.5\n", Level.NONE),
        ("objective value: 0.5\nx 0.4\ny 0.4\n", Level.NONE),
    ],
)
def test_the_column_scip_makes_for_a_quadratic_objective_is_not_asked_of_others(
    tmp_path: Path, written: Callable[[str], Path], name: str, text: str, level: Level
) -> None:
    """HiGHS knows no quadobjvar or qmatrixvar: its solutions are none the worse for it."""
    path = tmp_path / name
    path.write_text(QUADRATIC[name])
    found = examine(path, written(text), solver="highs")
    assert (found.level, found.reader, found.independent) == (level, "scip", True)
    assert found.objective == pytest.approx(0.4 if "y 0.4" in text else 0.39)


@pytest.mark.parametrize(
    ("text", "level", "where"),
    [
        ("objective value: 4\nx 1\ny 1\nz 1\n", Level.CLAIMED, ""),
        ("objective value: 4.000001\nx 1.000001\ny 1\nz 1\n", Level.SOLVER, "indlin_c1"),
        ("objective value: 4.00001\nx 1.00001\ny 1\nz 1\n", Level.MIPLIB, "indlin_c1"),
        ("objective value: 4.1\nx 1.1\ny 1\nz 1\n", Level.NONE, "indlin_c1"),
        ("objective value: 4\nx 4\n", Level.NONE, "q"),
        ("objective value: 3\nx 3\n", Level.CLAIMED, ""),
        ("objective value: 4\nx 1\ny 1\nz 1\nindslack_c1 5\n", Level.CLAIMED, ""),
    ],
)
def test_beyond_linear_rows_scip_checks_itself(
    beyond: Path, written: Callable[[str], Path], text: str, level: Level, where: str
) -> None:
    """In the original space, by its own tolerances; labelled as what it is."""
    found = examine(beyond, written(text), solver="scip")
    assert found.skipped is None
    assert (found.reader, found.independent, found.exact) == ("scip", False, False)
    assert found.level is level
    row = next(one for one in found.violations if one.quantity is Quantity.ROW)
    assert row.where == where


@pytest.mark.parametrize(
    ("text", "quantity", "where"),
    [
        ("x 4.5\n", Quantity.BOUND, "x"),
        ("y 0.5\n", Quantity.INTEGRALITY, "y"),
        ("objective value: 3\nx 1\ny 1\n", Quantity.OBJECTIVE, ""),
    ],
)
def test_beyond_linear_rows_the_other_violations_are_measured(
    beyond: Path, written: Callable[[str], Path], text: str, quantity: Quantity, where: str
) -> None:
    """Bounds, integrality and the claim, each with its place."""
    found = examine(beyond, written(text), solver="scip")
    worst = next(one for one in found.violations if one.quantity is quantity)
    assert (worst.absolute > 0.4, worst.where) == (True, where)
    assert found.level is Level.NONE


def test_beyond_linear_rows_an_unknown_name_is_refused_too(
    beyond: Path, written: Callable[[str], Path]
) -> None:
    """SCIP itself would only ignore it."""
    with pytest.raises(UsageError, match=r"written\.sol: this seems to be the solution of anoth"):
        examine(beyond, written("u 1\nv 1\n"))


def test_an_instance_that_nobody_reads_says_why(
    tmp_path: Path, written: Callable[[str], Path]
) -> None:
    """With the reasons of both."""
    path = tmp_path / "broken.mps"
    path.write_text("NAME broken\nROWS\n Q what\n")
    with pytest.raises(InstanceError, match=r"HiGHS refuses .*; SCIP refuses"):
        examine(path, written("x 1\n"))


def test_an_order_is_verified_by_the_independent_reader(order: ExecutionRequest) -> None:
    """SCIP's solution, as HiGHS reads the instance."""
    found = verify(order, -8.0)
    assert (found.level, found.reader, found.independent) == (Level.CLAIMED, "highs", True)


def test_a_lie_about_the_objective_is_found_out(order: ExecutionRequest) -> None:
    """The claim of the answer counts, not that of the file."""
    assert verify(order, -9.0).level is Level.NONE


def test_highs_is_verified_by_scip(
    order: ExecutionRequest, scip_task: MakeTask, knapsack: Path
) -> None:
    """The other way round."""
    task = scip_task(knapsack)
    by_highs = Task(
        instance=task.instance, setting=Setting(name="h", solver="highs"), solver_version="1"
    )
    found = verify(ExecutionRequest(task=by_highs, folder=order.folder), -8.0)
    assert (found.level, found.reader, found.independent) == (Level.CLAIMED, "scip", True)


ONE_READER = "* #variable= 1 #constraint= 1\nmin: +1 x1 ;\n+1 x1 >= 1 ;\n"


@pytest.mark.parametrize("solution", ["x1 1\n", None])
def test_a_file_that_nobody_else_reads_has_one_reader(
    order: ExecutionRequest, scip_task: MakeTask, tmp_path: Path, solution: str | None
) -> None:
    """HiGHS has no reader for OPB; that is said of an infeasible instance as well."""
    path = tmp_path / "one.opb"
    path.write_text(ONE_READER)
    written = Workspace(order.folder).solution
    written.unlink() if solution is None else written.write_text(solution)
    found = verify(ExecutionRequest(task=scip_task(path), folder=order.folder), 1.0)
    assert found.one_reader
    assert (found.skipped is None) is (solution is not None)
    assert not found.independent


def test_without_a_solution_the_check_is_skipped(order: ExecutionRequest) -> None:
    """An infeasible instance has none; who else can read it is known all the same."""
    Workspace(order.folder).solution.unlink()
    found = verify(order, None)
    assert (found.skipped, found.one_reader) == ("no solution was written", False)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a nan\n", r"solution.sol:1: the value of a is not a number: nan"),
        ("d 1\ne 1\n", "solution.sol: this seems to be the solution of another instance"),
    ],
)
def test_a_bad_solution_is_a_reason_and_no_exception(
    order: ExecutionRequest, text: str, reason: str
) -> None:
    """By the file's name, without the folders of this machine."""
    Workspace(order.folder).solution.write_text(text)
    skipped = verify(order, None).skipped
    assert skipped is not None
    assert skipped.startswith(reason)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "out of memory while the solution was checked"),
        (ValueError("odd"), "highs: ValueError: odd; scip: ValueError: odd"),
    ],
)
def test_whatever_a_reader_raises_is_a_reason(
    order: ExecutionRequest, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str
) -> None:
    """Nothing raises: this must never cost a result."""

    class Broken:
        def read(self, path: Path) -> LinearProgram:
            assert path.exists()
            raise error

    monkeypatch.setattr(registry, "load", lambda _: Broken())
    assert verify(order, None).skipped == reason


def test_no_version_of_scip_confirms_another(
    beyond: Path,
    knapsack: Path,
    written: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """HiGHS is independent of both; where it cannot read, nobody is."""
    monkeypatch.setitem(registry.BUILT_IN, "scip-old", "tests.plug_in_solvers:OldScip")
    found = examine(knapsack, written("objective value: -8\na 1\nc 1\n"), solver="scip-old")
    assert (found.reader, found.independent) == ("highs", True)
    found = examine(beyond, written("objective value: 4\nx 1\ny 1\nz 1\n"), solver="scip-old")
    assert (found.reader, found.independent) == ("scip", False)


def test_a_solver_of_another_package_needs_no_reader(
    beyond: Path, written: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """HiGHS is asked, then SCIP; both are independent of a solver that declares nothing."""
    monkeypatch.setitem(registry.BUILT_IN, "mine", "tests.plug_in_solvers:Undeclared")
    found = examine(beyond, written("objective value: 4\nx 1\ny 1\nz 1\n"), solver="mine")
    assert (found.reader, found.independent) == ("scip", True)
