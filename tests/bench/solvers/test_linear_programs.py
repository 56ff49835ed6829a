"""Checking programs and counting what they consist of."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from bench.errors import InstanceError
from bench.model.instances.linear_program import Column, LinearProgram, Row
from bench.model.instances.problem import Range, Sense
from bench.solvers.linear_programs import checked, statistics

PROGRAM = LinearProgram(
    columns=(
        Column("x", 0, 1, 2.0, integral=True),
        Column("y", 0, 9, 0.0, integral=True),
        Column("z", -math.inf, math.inf, -5.0, integral=False),
    ),
    rows=(
        Row("a", (0, 1), (1.0, -30.0), 4, 4),
        Row("b", (2,), (0.5,), -math.inf, 7),
    ),
    sense=Sense.MAXIMIZE,
    objective_offset=3,
)


def test_statistics_count_what_is_there() -> None:
    """Kinds of columns, rows, ranges without zeros and infinities, classes."""
    found = statistics(PROGRAM)
    assert (found.n_vars, found.n_bins, found.n_ints, found.n_conts) == (3, 1, 1, 1)
    assert (found.n_conss, found.n_nonzeros, found.n_equalities) == (2, 3, 1)
    assert found.matrix_range == Range(0.5, 30)
    assert found.objective_range == Range(2, 5)
    assert found.rhs_range == Range(4, 7)
    assert found.bound_range == Range(1, 9)
    assert (found.classes["aggregation"], found.classes["singleton"]) == (1, 1)


def test_a_program_that_makes_sense_comes_back() -> None:
    """Itself, not a copy."""
    assert checked(PROGRAM) is PROGRAM


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (replace(PROGRAM, columns=(), rows=()), "empty model"),
        (replace(PROGRAM, columns=(Column("x", 0, 1, math.nan, integral=True),)), "objective"),
        (replace(PROGRAM, columns=(Column("x", math.nan, 1, 0, integral=True),)), "bounds"),
        (replace(PROGRAM, rows=(Row("a", (0,), (1.0,), math.nan, 1),)), "right-hand side of row a"),
        (replace(PROGRAM, rows=(Row("a", (0,), (math.nan,), 0, 1),)), "coefficients of row a"),
        (replace(PROGRAM, columns=PROGRAM.columns[:1] * 2), "two columns are named 'x'"),
    ],
)
def test_what_nothing_can_be_concluded_from_is_refused(program: LinearProgram, words: str) -> None:
    """With the place in words."""
    with pytest.raises(InstanceError, match=words):
        checked(program)
