"""The classes of linear constraints: our own rules, SCIP's, and that they agree."""

from __future__ import annotations

import math
from itertools import starmap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyscipopt import Model

from bench.instances.constraint_classes import ColumnDomain, ColumnType, ConstraintRow, classify
from bench.model.instances.problem import CONSTRAINT_CLASSES
from bench.solvers.scip.library import classify as classify_by_scip

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "instances" / "visible"
FILES = sorted(
    path for path in FOLDER.glob("*") if path.name.endswith((".mps", ".mps.gz", ".lp", ".cip"))
)
INF = math.inf
TYPES = {
    "BINARY": ColumnType.BINARY,
    "INTEGER": ColumnType.INTEGER,
    "CONTINUOUS": ColumnType.CONTINUOUS,
}
B = ColumnDomain(ColumnType.BINARY, 0, 1)
I = ColumnDomain(ColumnType.INTEGER, 0, 9)  # noqa: E741  the usual letters
N = ColumnDomain(ColumnType.INTEGER, -5, 5)
C = ColumnDomain(ColumnType.CONTINUOUS, 0, 1)

Terms = list[tuple[float, ColumnDomain]]


def _problem(
    terms: Terms, lhs: float, rhs: float
) -> tuple[list[ConstraintRow], list[ColumnDomain]]:
    row = ConstraintRow(range(len(terms)), [coefficient for coefficient, _ in terms], lhs, rhs)
    return [row], [column for _, column in terms]


def _model(rows: list[ConstraintRow], columns: list[ColumnDomain]) -> Any:
    """Build the problem in SCIP, with every entry added as it is, zeros and doubles included."""
    model = Model()
    model.hideOutput()
    variables = [
        model.addVar(f"x{i}", vtype=column.type[0].upper(), lb=0, ub=_first_upper(column))
        for i, column in enumerate(columns)
    ]
    for variable, column in zip(variables, columns, strict=True):
        model.chgVarUb(variable, _side(column.upper))
        model.chgVarLb(variable, _side(column.lower))
    anchor = model.addVar("anchor")
    for row in rows:
        constraint = model.addCons(anchor <= 0)
        model.delCoefLinear(constraint, anchor)
        for index, coefficient in zip(row.indices, row.coefficients, strict=True):
            model.addCoefLinear(constraint, variables[index], coefficient)
        model.chgLhs(constraint, _side(row.lhs))
        model.chgRhs(constraint, _side(row.rhs))
    return model


def _first_upper(column: ColumnDomain) -> float:
    """Return a bound with which SCIP does not make a binary out of an integer variable."""
    return 1 if column.type is ColumnType.BINARY else 1e20


def _side(value: float) -> float:
    return max(-1e20, min(1e20, value))


def _plain(model: Any) -> tuple[list[ConstraintRow], list[ColumnDomain]]:
    """Return the linear rows and the columns of a model that SCIP has read."""
    variables = model.getVars()
    numbers = {variable.name: number for number, variable in enumerate(variables)}
    columns = [
        ColumnDomain(TYPES[v.vtype()], v.getLbOriginal(), v.getUbOriginal()) for v in variables
    ]
    rows = []
    for constraint in model.getConss():
        if constraint.getConshdlrName() == "linear":
            values = model.getValsLinear(constraint)
            indices = [numbers[name] for name in values]
            lhs, rhs = model.getLhs(constraint), model.getRhs(constraint)
            rows.append(ConstraintRow(indices, list(values.values()), lhs, rhs))
    return rows, columns


def _found(counts: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}


EXAMPLES: list[tuple[Terms, float, float, list[str]]] = [
    ([], 0, 1, ["empty"]),
    ([(0, B)], 0, 1, ["empty"]),
    ([(1, B), (2, I)], -INF, INF, ["free"]),
    ([(1, I)], -INF, 3, ["singleton"]),
    ([(1, I)], 1, 3, ["singleton", "singleton"]),
    ([(1, I), (2, C)], 3, 3, ["aggregation"]),
    ([(2, I), (-2, I)], -INF, 3, ["precedence"]),
    ([(2, I), (-2, N)], 1, 3, ["precedence", "precedence"]),
    ([(2, B), (-2, I)], -INF, 3, ["varbound"]),
    ([(2, B), (-3, C)], 1, 3, ["varbound", "varbound"]),
    ([(1, B), (1, B), (1, B)], 1, 1, ["setpartition"]),
    ([(2, B), (-2, B), (2, B)], 0, 0, ["setpartition"]),
    ([(1, B), (1, B), (1, B)], -INF, 1, ["setpacking"]),
    ([(1, B), (1, B), (-1, B)], -INF, 0, ["setpacking"]),
    ([(3, B), (3, B), (3, B)], 3, INF, ["setcovering"]),
    ([(1, B), (1, B), (1, B)], 2, 2, ["cardinality"]),
    ([(1, B), (1, B), (1, B)], -INF, 2, ["invknapsack"]),
    ([(1, B), (1, B), (1, B)], 1, 2, ["setcovering", "invknapsack"]),
    ([(1, B), (2, B), (3, B)], 4, 4, ["eqknapsack"]),
    ([(1, B), (2, B), (3, B)], -INF, 3, ["binpacking"]),
    ([(2, B), (2, B), (-3, B)], -INF, 0, ["binpacking"]),
    ([(1, B), (2, B), (3, B)], -INF, 4, ["knapsack"]),
    ([(1, B), (2, B), (3, B)], 1, 4, ["knapsack", "mixedbinary"]),
    ([(1, B), (2, I), (3, I)], -INF, 4, ["intknapsack"]),
    ([(1, B), (2, I), (3, I)], 1, 4, ["intknapsack", "general"]),
    ([(1, B), (2, C), (3, C)], -INF, 4, ["mixedbinary"]),
    ([(1, B), (1, B), (1, B)], 2, INF, ["mixedbinary"]),
    ([(1, B), (2, C), (3, C)], 1, 4, ["mixedbinary", "mixedbinary"]),
    ([(1, N), (2, I), (3, C)], -INF, 4, ["general"]),
    ([(1, N), (2, I), (3, C)], 1, 4, ["general", "general"]),
]


@pytest.mark.parametrize(("terms", "lhs", "rhs", "expected"), EXAMPLES)
def test_a_row_is_of_the_class_that_miplib_says(
    terms: Terms, lhs: float, rhs: float, expected: list[str]
) -> None:
    """Handwritten rows of every class, one-sided, equal and ranged."""
    counts = classify(*_problem(terms, lhs, rhs))
    assert _found(counts) == {name: expected.count(name) for name in set(expected)}


@pytest.mark.parametrize(("terms", "lhs", "rhs", "expected"), EXAMPLES)
def test_scip_puts_the_row_in_the_same_class(
    terms: Terms, lhs: float, rhs: float, expected: list[str]
) -> None:
    """SCIP's own classification of the handwritten rows is the one expected."""
    counts = classify_by_scip(_model(*_problem(terms, lhs, rhs)))
    assert counts is not None
    assert _found(counts) == {name: expected.count(name) for name in set(expected)}


def test_the_handwritten_rows_cover_all_classes() -> None:
    """None of the 17 classes is without an example."""
    assert {name for *_, expected in EXAMPLES for name in expected} == set(CONSTRAINT_CLASSES)


def test_all_classes_are_returned_in_the_fixed_order() -> None:
    """Classes without a row are there with zero."""
    assert list(classify([], []).items()) == [(name, 0) for name in CONSTRAINT_CLASSES]


def test_entries_of_one_column_are_added_up() -> None:
    """Entries that cancel are none, and two of one column are one."""
    rows = [ConstraintRow([0, 0], [1, -1], 0, 1), ConstraintRow([0, 1, 0], [1, 1, -1], 0, 1)]
    assert _found(classify(rows, [B, B])) == {"empty": 1, "singleton": 2}


def test_sides_from_1e20_on_are_infinite() -> None:
    """SCIP's infinity and the floating-point one are the same."""
    assert _found(classify([ConstraintRow([0], [1.0], -1e20, 1e21)], [C])) == {"free": 1}


@pytest.mark.skipif(not FILES, reason="the shared instances are not here")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_both_classifications_agree_on_a_real_instance(path: Path) -> None:
    """For a problem file as read, our counts are those of SCIP."""
    model = Model()
    model.hideOutput()
    model.readProblem(str(path))
    assert classify(*_plain(model)) == classify_by_scip(model)


NUMBERS = st.sampled_from(
    [-3.0, -2.0, -1.0, -0.5, 0.0, 1e-10, 0.5, 1.0, 1.0 + 5e-10, 2.0, 3.0, 4.0, 5.0]
)
COLUMNS = st.sampled_from(
    [
        B,
        I,
        N,
        C,
        ColumnDomain(ColumnType.INTEGER, 0, 1),
        ColumnDomain(ColumnType.INTEGER, 0, 1.5),
        ColumnDomain(ColumnType.INTEGER, -0.5, 1),
        ColumnDomain(ColumnType.INTEGER, -INF, INF),
        ColumnDomain(ColumnType.CONTINUOUS, -INF, INF),
        ColumnDomain(ColumnType.BINARY, 1, 1),
    ]
)


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[ConstraintRow], list[ColumnDomain]]:
    """Draw a few rows over a few columns, near the borders between the classes."""
    columns = draw(st.lists(COLUMNS, min_size=1, max_size=5))
    sides = st.tuples(NUMBERS | st.just(-INF), NUMBERS | st.just(INF))
    entries = st.lists(st.tuples(st.integers(0, len(columns) - 1), NUMBERS), max_size=6)
    ordered = st.tuples(entries, sides).filter(lambda pair: pair[1][0] <= pair[1][1])
    rows = draw(st.lists(ordered, min_size=1, max_size=8))
    return list(starmap(_row, rows)), columns


def _row(entries: list[tuple[int, float]], sides: tuple[float, float]) -> ConstraintRow:
    return ConstraintRow([i for i, _ in entries], [a for _, a in entries], *sides)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(problems())
def test_both_classifications_agree_on_any_problem(
    problem: tuple[list[ConstraintRow], list[ColumnDomain]],
) -> None:
    """Borders, tolerances, doubled and vanishing entries are treated as SCIP treats them."""
    assert classify(*problem) == classify_by_scip(_model(*problem))
