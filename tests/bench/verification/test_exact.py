"""The exact check of a solution."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bench.errors import InstanceError, UsageError
from bench.model.instances.linear_program import Column, LinearProgram, Row
from bench.model.instances.problem import Sense
from bench.model.results.verification import Level, Quantity, Verification, Violation
from bench.verification.exact import check

Solution = dict[str, Fraction]
VALUE = 1200.0


def worst(found: Verification, quantity: Quantity) -> Violation:
    """Return what was found of one quantity."""
    return next(one for one in found.violations if one.quantity is quantity)


def test_a_solution_without_any_violation_holds_as_claimed(
    program: LinearProgram, solution: Solution
) -> None:
    """Nothing is violated, not even by rounding, and the value is worked out."""
    found = check(program, solution, VALUE, reader="highs")
    assert (found.level, found.exact, found.reader) == (Level.CLAIMED, True, "highs")
    assert all(one.absolute == one.relative == 0 for one in found.violations)
    assert [one.quantity for one in found.violations] == list(Quantity)
    assert found.objective == VALUE
    assert found.notes == ()


TAMPERED: list[tuple[str, Mapping[str, str], float, Quantity, str, Level]] = [
    ("bound broken", {"x": "4"}, 1300, Quantity.BOUND, "x", Level.NONE),
    ("bound by 1e-5", {"w": "4.00004"}, 1200, Quantity.BOUND, "w", Level.MIPLIB),
    ("bound by 1e-8", {"w": "4.00000004"}, 1200, Quantity.BOUND, "w", Level.SOLVER),
    ("lower bound", {"z": "-1.5", "y": "-1"}, -1700, Quantity.BOUND, "y", Level.NONE),
    ("fraction", {"x": "2.5"}, 1150, Quantity.INTEGRALITY, "x", Level.NONE),
    ("fraction of 1e-5", {"x": "2.99999"}, 1199.999, Quantity.INTEGRALITY, "x", Level.MIPLIB),
    ("fraction of 1e-7", {"x": "2.9999999"}, 1199.99999, Quantity.INTEGRALITY, "x", Level.SOLVER),
    ("row by 1", {"z": "1.5"}, 2300, Quantity.ROW, "half", Level.NONE),
    ("row by 1e-5", {"z": "0.50001"}, 1200.011, Quantity.ROW, "half", Level.MIPLIB),
    ("row by 1e-7", {"z": "0.5000001"}, 1200.00011, Quantity.ROW, "half", Level.SOLVER),
    ("claim off by 1", {}, 1201, Quantity.OBJECTIVE, "", Level.NONE),
    ("claim off by 0.01", {}, 1200.01, Quantity.OBJECTIVE, "", Level.MIPLIB),
    ("claim off by 0.001", {}, 1200.001, Quantity.OBJECTIVE, "", Level.SOLVER),
    ("swapped", {"x": "0.5", "z": "3"}, 3700, Quantity.ROW, "half", Level.NONE),
    ("scaled", {"x": "6", "y": "2", "z": "1"}, 2450, Quantity.BOUND, "x", Level.NONE),
    ("missing", {"z": "0"}, 650, Quantity.ROW, "half", Level.NONE),
]


@pytest.mark.parametrize(
    ("tampering", "claim", "quantity", "where", "level"),
    [case[1:] for case in TAMPERED],
    ids=[case[0] for case in TAMPERED],
)
def test_a_tampered_solution_is_caught_where_it_was_tampered_with(
    program: LinearProgram,
    solution: Solution,
    tampering: Mapping[str, str],
    claim: float,
    quantity: Quantity,
    where: str,
    level: Level,
) -> None:
    """The level is that of the damage, and the name is that of the damaged place."""
    tampered = solution | {name: Fraction(text) for name, text in tampering.items()}
    found = check(program, tampered, claim)
    assert found.level is level
    assert worst(found, quantity).where == where
    assert worst(found, quantity).relative == max(one.relative for one in found.violations)


def test_a_missing_variable_is_zero_and_that_is_noted(
    program: LinearProgram, solution: Solution
) -> None:
    """The convention of solution files, said with its number."""
    del solution["z"]
    found = check(program, solution)
    assert worst(found, Quantity.ROW).where == "half"
    assert found.notes[0] == "1 of 4 variables are not in the solution and count as 0"


def test_without_a_claim_the_objective_is_worked_out_and_not_compared(
    program: LinearProgram, solution: Solution
) -> None:
    """There is a value, a note, and no violation of the objective."""
    for claim in (None, math.nan, math.inf):
        found = check(program, solution, claim)
        assert found.objective == VALUE
        assert "no objective value was claimed" in found.notes
        assert Quantity.OBJECTIVE not in {one.quantity for one in found.violations}


def test_an_unknown_name_is_refused_with_the_nearest_known_one(
    program: LinearProgram, solution: Solution
) -> None:
    """A typing mistake is told apart from a foreign solution."""
    many = replace(program, columns=(*program.columns, Column("flow_12", 0, 1, 0, integral=False)))
    with pytest.raises(UsageError, match=r"does not have: 'flow_21'; did you mean 'flow_12'\?"):
        check(many, solution | {"flow_21": Fraction(1)})


def test_the_solution_of_another_instance_is_called_so(program: LinearProgram) -> None:
    """Most names are unknown: this is no typing mistake."""
    foreign = {name: Fraction(1) for name in ("a", "b", "c", "d", "x")}
    with pytest.raises(UsageError, match=r"another instance: 4 of its 5 .*'a', 'b', 'c', \.\.\."):
        check(program, foreign)


def test_two_columns_of_one_name_cannot_be_matched(program: LinearProgram) -> None:
    """Nobody could say whose value it is."""
    twice = replace(program, columns=(*program.columns, program.columns[0]))
    with pytest.raises(InstanceError, match="two columns of the instance are named 'x'"):
        check(twice, {})


def test_a_program_beyond_rows_and_columns_is_not_checked(program: LinearProgram) -> None:
    """The reason names what there is besides."""
    found = check(replace(program, beyond=("indicator constraints: 2",)), {})
    assert found.skipped == "not a linear program: indicator constraints: 2"
    assert found.level is Level.NONE


def test_an_infinite_coefficient_is_not_checked(program: LinearProgram) -> None:
    """A broken model gives a reason, not a traceback."""
    broken = replace(program, rows=(Row("r", (0,), (math.inf,), 0, 1),))
    assert check(broken, {}).skipped == "row r has a number that is not finite"


def test_a_small_relative_violation_that_is_large_in_itself_is_told() -> None:
    """An equation missed by 1 among two millions holds to 1e-6, and that is said."""
    program = LinearProgram(
        columns=(Column("n", 0, 10**9, 1, integral=True),),
        rows=(Row("sum", (0,), (1.0,), 2029972, 2029972),),
        sense=Sense.MINIMIZE,
    )
    found = check(program, {"n": Fraction(2029971)})
    assert found.level is Level.SOLVER
    assert worst(found, Quantity.ROW).absolute == 1
    assert "row sum is off by 1; relative to its size at most 4.9e-07" in found.notes


def test_the_worst_absolute_and_relative_violation_may_be_in_different_rows() -> None:
    """Each has its name, the relative one decides."""
    program = LinearProgram(
        columns=(Column("a", 0, 10**9, 0, integral=False), Column("b", 0, 9, 0, integral=False)),
        rows=(Row("big", (0,), (1.0,), -math.inf, 10**6), Row("small", (1,), (1.0,), 1, 1)),
        sense=Sense.MINIMIZE,
    )
    found = check(program, {"a": Fraction(10**6 + 1), "b": Fraction("1.5")})
    row = worst(found, Quantity.ROW)
    assert (row.where, row.relative) == ("small", 1 / 3)
    assert (row.where_absolute, row.absolute) == ("big", 1)


def test_a_coefficient_is_the_decimal_that_the_file_has() -> None:
    """0.1 + 0.2 is 0.3, as in MIPLIB's checker and not as in binary."""
    program = LinearProgram(
        columns=(Column("a", 0, 1, 0.1, integral=False), Column("b", 0, 1, 0.2, integral=False)),
        rows=(Row("r", (0, 1), (0.1, 0.2), 0.3, 0.3),),
        sense=Sense.MINIMIZE,
    )
    found = check(program, {"a": Fraction(1), "b": Fraction(1)}, 0.3)
    assert all(one.absolute == 0 for one in found.violations)


def test_bounds_of_1e20_are_infinite_and_a_lower_bound_of_infinity_is_violated() -> None:
    """As both solvers read them."""
    free = Column("free", -1e20, 1e30, 0, integral=False)
    program = LinearProgram(columns=(free,), rows=(), sense=Sense.MINIMIZE)
    assert check(program, {"free": Fraction(10**25)}).level is Level.CLAIMED
    nowhere = replace(program, columns=(replace(free, lower=math.inf),))
    assert check(nowhere, {"free": Fraction(1)}).level is Level.NONE


def test_huge_values_give_finite_numbers() -> None:
    """What JSON and MLflow cannot hold never comes out."""
    program = LinearProgram(
        columns=(Column("a", 0, 1, 1e300, integral=True),),
        rows=(Row("r", (0,), (1e300,), 0, 1),),
        sense=Sense.MINIMIZE,
    )
    found = check(program, {"a": Fraction(10**20) + Fraction(1, 3)}, 0)
    assert found.objective is not None
    assert all(math.isfinite(one.absolute) for one in found.violations)
    assert math.isfinite(found.objective)


def test_above_the_cap_it_is_double_precision_and_says_so(
    program: LinearProgram, solution: Solution
) -> None:
    """The same conclusion, another label."""
    found = check(program, solution | {"z": Fraction("0.50001")}, VALUE, cap=2)
    assert (found.exact, found.level) == (False, Level.MIPLIB)
    assert "in double precision: more than 2 non-zeros" in found.notes
    assert worst(found, Quantity.ROW).absolute == pytest.approx(1e-5)


def test_only_non_zeros_of_columns_that_are_not_zero_count_for_the_cap(
    program: LinearProgram,
) -> None:
    """A sparse solution of a large program is checked exactly."""
    assert check(program, {"y": Fraction(1)}, cap=2).exact


NUMBERS = st.decimals(-1000, 1000, places=3).map(float)
SIDES = st.tuples(NUMBERS, NUMBERS).map(lambda two: (min(two), max(two)))
VALUES = st.fractions(-100, 100, max_denominator=1000)


@st.composite
def cases(draw: st.DrawFn) -> tuple[LinearProgram, Solution, float]:
    """Draw a program, a solution and a claim."""
    n = draw(st.integers(1, 5))
    columns = tuple(
        Column(f"x{i}", *draw(SIDES), draw(NUMBERS), integral=draw(st.booleans())) for i in range(n)
    )
    rows = []
    for i in range(draw(st.integers(0, 4))):
        indices = draw(st.sets(st.integers(0, n - 1)))
        coefficients = tuple(draw(NUMBERS) for _ in indices)
        lhs, rhs = draw(SIDES)
        lhs = draw(st.sampled_from([lhs, -math.inf]))
        rows.append(Row(f"r{i}", tuple(indices), coefficients, lhs, rhs))
    program = LinearProgram(
        columns=columns,
        rows=tuple(rows),
        sense=Sense.MINIMIZE,
        objective_offset=draw(NUMBERS),
    )
    solution = {f"x{i}": draw(VALUES) for i in range(n) if draw(st.booleans())}
    return program, solution, draw(NUMBERS)


def decimal(number: float) -> Fraction:
    """Return the decimal text of a number as a fraction."""
    return Fraction(repr(number))


def outside(value: Fraction, lower: float, upper: float) -> list[tuple[Fraction, Fraction]]:
    """Return by how much a value is outside, with the side."""
    sides = [(1, lower)] * (lower > -math.inf) + [(-1, upper)] * (upper < math.inf)
    return [((decimal(side) - value) * sign, decimal(side)) for sign, side in sides]


def brute_force(
    program: LinearProgram, solution: Solution, claim: float
) -> dict[Quantity, tuple[float, float]]:
    """Return the worst violations by the definitions, written down naively in fractions."""
    x = [solution.get(column.name, Fraction(0)) for column in program.columns]
    off: dict[Quantity, list[tuple[Fraction, Fraction]]] = {one: [] for one in Quantity}
    for column, value in zip(program.columns, x, strict=True):
        for gap, side in outside(value, column.lower, column.upper):
            off[Quantity.BOUND].append((gap, max(Fraction(1), abs(side), abs(value))))
        if column.integral:
            off[Quantity.INTEGRALITY].append((abs(value - round(value)), Fraction(1)))
    for row in program.rows:
        terms = [decimal(a) * x[i] for a, i in zip(row.coefficients, row.indices, strict=True)]
        positive = sum((term for term in terms if term > 0), Fraction(0))
        for gap, side in outside(sum(terms, Fraction(0)), row.lhs, row.rhs):
            off[Quantity.ROW].append((gap, max(Fraction(1), positive, abs(side))))
    terms = [decimal(c.objective) * value for c, value in zip(program.columns, x, strict=True)]
    terms.append(decimal(program.objective_offset))
    plus = sum((term for term in terms if term > 0), Fraction(0))
    minus = sum((-term for term in terms if term < 0), Fraction(0))
    gap = abs(sum(terms, Fraction(0)) - decimal(claim))
    off[Quantity.OBJECTIVE].append((gap, max(Fraction(1), plus, minus, abs(decimal(claim)))))
    zero = (Fraction(0), Fraction(1))
    return {
        quantity: (
            float(max(gap for gap, _ in [zero, *gaps])),
            float(max(gap / scale for gap, scale in [zero, *gaps])),
        )
        for quantity, gaps in off.items()
    }


@pytest.mark.slow
@given(cases())
def test_the_check_is_the_definition(case: tuple[LinearProgram, Solution, float]) -> None:
    """Integers over one denominator give what plain fractions give, to the bit."""
    found = check(*case)
    assert {one.quantity: (one.absolute, one.relative) for one in found.violations} == brute_force(
        *case
    )


@given(cases())
def test_double_precision_agrees_but_for_rounding(
    case: tuple[LinearProgram, Solution, float],
) -> None:
    """The same measures, to about 1e-12."""
    exact, rough = check(*case), check(*case, cap=-1)
    assert not rough.exact
    for one, other in zip(exact.violations, rough.violations, strict=True):
        assert other.relative == pytest.approx(one.relative, rel=1e-9, abs=1e-12)


@pytest.mark.slow
@given(cases(), st.sampled_from([0.001, 0.5, 8.0, 1000.0]))
def test_scaling_a_row_scales_its_absolute_violation(
    case: tuple[LinearProgram, Solution, float], factor: float
) -> None:
    """A row in other units is violated by as much in those units."""
    program, solution, claim = case
    assume(program.rows)
    row = program.rows[0]
    scaled = replace(
        row,
        coefficients=tuple(times(a, factor) for a in row.coefficients),
        lhs=times(row.lhs, factor),
        rhs=times(row.rhs, factor),
    )
    before = worst(check(replace(program, rows=(row,)), solution, claim), Quantity.ROW)
    after = worst(check(replace(program, rows=(scaled,)), solution, claim), Quantity.ROW)
    assert after.absolute == pytest.approx(before.absolute * factor, rel=1e-12)


@pytest.mark.slow
@given(cases(), st.sampled_from([2.0, 10.0, 1000.0]))
def test_scaling_a_row_of_size_above_one_leaves_its_relative_violation(
    case: tuple[LinearProgram, Solution, float], factor: float
) -> None:
    """The relative violation has no unit once sides and terms are larger than 1."""
    program, solution, claim = case
    assume(program.rows)
    row = program.rows[0]
    assume(abs(row.rhs) >= 1)
    assume(math.isinf(row.lhs) or abs(row.lhs) >= 1)
    scaled = replace(
        row,
        coefficients=tuple(times(a, factor) for a in row.coefficients),
        lhs=times(row.lhs, factor),
        rhs=times(row.rhs, factor),
    )
    before = worst(check(replace(program, rows=(row,)), solution, claim), Quantity.ROW)
    after = worst(check(replace(program, rows=(scaled,)), solution, claim), Quantity.ROW)
    assert after.relative == pytest.approx(before.relative, rel=1e-12)


def times(number: float, factor: float) -> float:
    """Return the product of two decimals, without a rounding of its own."""
    return number if math.isinf(number) else float(decimal(number) * decimal(factor))


@pytest.mark.slow
@given(cases())
def test_the_order_of_columns_does_not_matter(
    case: tuple[LinearProgram, Solution, float],
) -> None:
    """Columns are matched by name, and rows follow them."""
    program, solution, claim = case
    n = len(program.columns)
    turned = replace(
        program,
        columns=program.columns[::-1],
        rows=tuple(
            replace(row, indices=tuple(n - 1 - i for i in row.indices)) for row in program.rows
        ),
    )
    sizes = [
        [(one.absolute, one.relative) for one in check(other, solution, claim).violations]
        for other in (program, turned)
    ]
    assert sizes[0] == sizes[1]
