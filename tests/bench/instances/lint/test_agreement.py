"""Agreement of two readers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bench.errors import BenchError
from bench.instances.files import find
from bench.instances.lint import agreement
from bench.model.instances.finding import LintFinding, Severity, has_errors
from bench.model.instances.linear_program import Column, LinearProgram, Row
from bench.model.instances.problem import Sense
from bench.solvers import registry

X = Column("x", 0.0, 4.0, 1.0, integral=False)
Y = Column("y", 0.0, math.inf, 2.0, integral=True)
R1 = Row("R1", (0, 1), (1.0, 3.0), 2.0, math.inf)
R2 = Row("R2", (0,), (1.0,), -math.inf, 3.0)
PROGRAM = LinearProgram(columns=(X, Y), rows=(R1, R2), sense=Sense.MINIMIZE)

disagreements = partial(agreement.disagreements, readers=("SCIP", "HiGHS"))

Change = Callable[[LinearProgram], LinearProgram]


def texts(found: list[LintFinding], severity: Severity) -> list[str]:
    """Return the messages of one severity."""
    return [one.message for one in found if one.severity is severity]


def test_the_same_problem_gives_no_finding() -> None:
    """Two readers that agree are not mentioned."""
    assert disagreements(PROGRAM, PROGRAM) == []


@pytest.mark.parametrize(
    "other",
    [
        replace(
            PROGRAM, columns=(Y, X), rows=(replace(R1, indices=(1, 0)), replace(R2, indices=(1,)))
        ),
        replace(PROGRAM, rows=(R2, R1)),
        replace(PROGRAM, rows=(replace(R1, name="r0"), replace(R2, name="r1"))),
        replace(PROGRAM, rows=(Row("R1", (0, 1, 1), (1.0, 1.0, 2.0), 2.0, math.inf), R2)),
        replace(PROGRAM, rows=(R1, Row("R2", (0, 1), (1.0, 0.0), -math.inf, 3.0))),
        replace(PROGRAM, columns=(X, replace(Y, lower=-0.5))),
        replace(PROGRAM, columns=(replace(X, upper=4.0 + 1e-15), Y)),
    ],
    ids=["columns", "rows", "row names", "split entry", "zero entry", "rounding", "last digit"],
)
def test_the_same_problem_written_otherwise_gives_no_finding(other: LinearProgram) -> None:
    """Order, made-up row names, sums, zeros and integral bounds are the readers' own affair."""
    assert disagreements(PROGRAM, other) == []


@pytest.mark.parametrize(
    ("other", "what"),
    [
        (
            replace(PROGRAM, rows=(replace(R1, coefficients=(1.0, 1.0)), R2)),
            "entry of column 'y' in row 'R1': SCIP reads 3, HiGHS 1",
        ),
        (
            replace(PROGRAM, rows=(replace(R1, coefficients=(1.0, math.nan)), R2)),
            "entry of column 'y' in row 'R1': SCIP reads 3, HiGHS nan",
        ),
        (
            replace(PROGRAM, rows=(Row("R1", (0,), (1.0,), 2.0, math.inf), R2)),
            "entry of column 'y' in row 'R1': SCIP reads 3, HiGHS 0",
        ),
        (
            replace(PROGRAM, rows=(R1, replace(R2, rhs=0.0))),
            "sides of row 'R2': SCIP reads [-inf, 3], HiGHS [-inf, 0]",
        ),
        (
            replace(PROGRAM, columns=(replace(X, upper=5.0), Y)),
            "bounds of column 'x': SCIP reads [0, 4], HiGHS [0, 5]",
        ),
        (
            replace(PROGRAM, columns=(replace(X, objective=5.0), Y)),
            "objective of column 'x': SCIP reads 1, HiGHS 5",
        ),
        (
            replace(PROGRAM, columns=(X, replace(Y, integral=False))),
            "type of column 'y': SCIP reads integer, HiGHS continuous",
        ),
        (
            replace(PROGRAM, sense=Sense.MAXIMIZE),
            "sense: SCIP reads minimize, HiGHS maximize",
        ),
        (
            replace(PROGRAM, columns=(X, Y, Column("z", 0.0, 1.0, 0.0, integral=False))),
            "column 'z' is read by HiGHS only; the problems differ",
        ),
        (
            replace(PROGRAM, rows=(R1,)),
            "row 'R2' is read by SCIP only; the problems differ",
        ),
    ],
)
def test_a_difference_by_name_is_one_error(other: LinearProgram, what: str) -> None:
    """It names the place and both figures."""
    assert texts(disagreements(PROGRAM, other), Severity.ERROR) == [what]


@pytest.mark.parametrize(
    ("other", "what"),
    [
        (
            replace(PROGRAM, rows=(Row("R1", (0,), (1.0,), 2.0, math.inf), R2)),
            ["nonzeros: SCIP reads 3, HiGHS 2", "sum of matrix entries: SCIP reads 5, HiGHS 2"],
        ),
        (replace(PROGRAM, objective_offset=7.5), ["objective offset: SCIP reads 0, HiGHS 7.5"]),
    ],
)
def test_counts_sums_and_offsets_that_differ_are_warnings(
    other: LinearProgram, what: list[str]
) -> None:
    """They tell how large a difference is."""
    assert texts(disagreements(PROGRAM, other), Severity.WARNING) == what


def test_the_readers_go_by_the_names_they_are_given() -> None:
    """Any two readers can be compared."""
    found = disagreements(PROGRAM, replace(PROGRAM, sense=Sense.MAXIMIZE), readers=("A", "B"))
    assert [one.message for one in found] == ["sense: A reads minimize, B maximize"]


def test_a_problem_that_is_more_than_linear_may_differ_in_counts() -> None:
    """SCIP adds rows for semi-continuous columns; one warning says so."""
    other = replace(PROGRAM, rows=(R1,), beyond=("semi-continuous",))
    (found,) = disagreements(PROGRAM, other)
    assert found.severity is Severity.WARNING
    assert "rows 2 and 1" in found.message
    assert "semi-continuous" in found.message


def test_an_empty_problem_is_an_error_even_where_readers_agree() -> None:
    """SCIP and HiGHS read garbage as an empty LP file."""
    empty = LinearProgram(columns=(), rows=(), sense=Sense.MINIMIZE)
    found = disagreements(empty, empty)
    assert len(found) == 2
    assert has_errors(found)


def test_differences_of_one_kind_are_limited() -> None:
    """Two unrelated problems do not fill the screen."""
    columns = tuple(Column(f"x{at}", 0.0, 1.0, 0.0, integral=True) for at in range(1000))
    other = tuple(replace(column, upper=2.0) for column in columns)
    one = LinearProgram(columns=columns, rows=(), sense=Sense.MINIMIZE)
    found = disagreements(one, replace(one, columns=other))
    assert texts(found, Severity.ERROR)[-1] == "995 more: bounds"


def read(path: Path) -> tuple[LinearProgram, LinearProgram] | None:
    """Return what SCIP and HiGHS make of a file, or None where one of them refuses it."""
    try:
        return registry.load("scip").read(path), registry.load("highs").read(path)
    except BenchError:
        return None


@pytest.mark.slow
def test_scip_and_highs_agree_about_real_files(shared: Path, root: Path) -> None:
    """All that both of them read."""
    folders = [str(shared / "instances" / "visible"), str(root / "instances")]
    readings = {one.name: read(one.path) for one in find(folders)}
    both = {name: pair for name, pair in readings.items() if pair is not None}
    assert len(both) > 60
    assert not [name for name, pair in both.items() if disagreements(*pair)]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (
            " RHS R1 2 R2 3\n",
            " RHS R1 2\n OTHER R2 3\n",
            "sides of row 'R2': SCIP reads [-1, 0], HiGHS [2, 3]",
        ),
        (" y c", " OBJSENSE c", "column 'OBJSENSE' is read by SCIP only; the problems differ"),
        ("ROWS\n", "OBJSENSE MAXIMIZE\nROWS\n", "sense: SCIP reads maximize, HiGHS minimize"),
    ],
)
def test_scip_and_highs_disagree_where_the_lint_says_so(
    base: str, tmp_path: Path, old: str, new: str, what: str
) -> None:
    """What the text lint knows of the two readers is what they do."""
    path = tmp_path / "a.mps"
    path.write_text(base.replace(old, new, 1))
    pair = read(path)
    assert pair is not None
    assert what in texts(disagreements(*pair), Severity.ERROR)
