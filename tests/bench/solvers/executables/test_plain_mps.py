"""The file that is written anew: what each reader makes of it is what was read before."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

from bench.errors import InstanceError
from bench.model.instances.linear_program import Column, LinearProgram, Row
from bench.model.instances.problem import Sense
from bench.solvers import registry
from bench.solvers.executables import plain_mps

INF = math.inf
PROGRAM = LinearProgram(
    columns=(
        Column("free one", -INF, INF, 0.1, integral=False),
        Column("binary", 0.0, 1.0, -3.0, integral=True),
        Column("integer", -5.0, INF, 0.0, integral=True),
        Column("below", -INF, -2.5, 1e-7, integral=False),
        Column("fixed", 1 / 3, 1 / 3, 2.0, integral=False),
        Column("in no row", 0.0, 4.0, 0.0, integral=True),
    ),
    rows=(
        Row("equal", (0, 1), (1.0, 1 / 3), 0.1, 0.1),
        Row("at most", (1, 2), (2.0, -1e9), -INF, 7.0),
        Row("at least", (0, 3), (1.0, 1.0), 0.0, INF),
        Row("between", (2,), (1.0,), 0.1, 0.3),
        Row("without sides", (0,), (5.0,), -INF, INF),
    ),
    sense=Sense.MAXIMIZE,
    objective_offset=10.25,
)


@pytest.mark.parametrize("reader", ["highs", "scip"])
def test_a_reader_makes_the_same_problem_of_it_to_the_last_digit(
    reader: str, tmp_path: Path
) -> None:
    """A minimisation, with a fixed column for the constant, and without rows that say nothing."""
    path = tmp_path / "problem.mps"
    path.write_text("".join(plain_mps.text(PROGRAM)))
    found = registry.load(reader).read(path)
    assert found.sense is Sense.MINIMIZE
    assert [(one.lower, one.upper, one.integral) for one in found.columns] == [
        *((one.lower, one.upper, one.integral) for one in PROGRAM.columns),
        (1.0, 1.0, False),
    ]
    objective = [-one.objective for one in PROGRAM.columns]
    assert [one.objective for one in found.columns] == [*objective, -10.25]
    sides = {(one.lhs, one.rhs, one.coefficients) for one in found.rows}
    for row in PROGRAM.rows[:3]:
        assert (row.lhs, row.rhs, row.coefficients) in sides
    assert max(one.lhs for one in found.rows if one.coefficients == (1.0,)) == 0.1
    assert min(one.rhs for one in found.rows if one.coefficients == (1.0,)) == 0.3


@pytest.mark.parametrize("reader", ["highs", "scip"])
def test_terms_of_one_column_in_a_row_are_one_entry(reader: str, tmp_path: Path) -> None:
    """CBC and GLPK reject a file with several; an LP file may have them."""
    columns = tuple(Column(name, 0.0, 9.0, 1.0, integral=True) for name in "xy")
    row = Row("repeated", (0, 1, 0), (1.0, 3.0, 0.5), 2.0, INF)
    path = tmp_path / "problem.mps"
    path.write_text("".join(plain_mps.text(replace(PROGRAM, columns=columns, rows=(row,)))))
    assert len(re.findall(r"^ c0 r0 ", path.read_text(), re.MULTILINE)) == 1
    (found,) = registry.load(reader).read(path).rows
    assert dict(zip(found.indices, found.coefficients, strict=True)) == {0: 1.5, 1: 3.0}


def _written(tmp_path: Path, *columns: Column) -> LinearProgram:
    """Return what HiGHS makes of a problem of these columns, and a row that demands nothing."""
    row = Row("r", (0,), (1.0,), -1e6, INF)
    program = LinearProgram(columns=columns, rows=(row,), sense=Sense.MINIMIZE)
    path = tmp_path / "problem.mps"
    path.write_text("".join(plain_mps.text(program)))
    return registry.load("highs").read(path)


def test_bounds_of_integral_columns_are_whole_numbers(tmp_path: Path) -> None:
    """Inwards, but for what is as good as a whole number; others stay as they are."""
    found = _written(
        tmp_path,
        Column("x", -2.5, 7.9999999999, 1.0, integral=True),
        Column("y", 1e-12, 0.5, 1.0, integral=True),
        Column("z", -2.5, 7.5, 1.0, integral=False),
    )
    assert [(one.lower, one.upper) for one in found.columns] == [(-2, 8), (0, 0), (-2.5, 7.5)]


def test_bounds_that_cross_are_a_row(tmp_path: Path) -> None:
    """Some readers refuse them, others swap or ignore one of them."""
    found = _written(tmp_path, Column("x", 0.2, 0.8, 1.0, integral=True))
    assert (found.columns[0].lower, found.columns[0].upper) == (1, INF)
    assert min(row.rhs for row in found.rows) == 0


def test_what_no_number_says_is_refused() -> None:
    """A lower bound of plus infinity."""
    program = LinearProgram(
        columns=(Column("x", INF, INF, 0.0, integral=False),), rows=(), sense=Sense.MINIMIZE
    )
    with pytest.raises(InstanceError, match="x: a bound is infinite on the wrong side"):
        "".join(plain_mps.text(program))
