"""Knobs of bench, and own knobs by formulas."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.planning.knobs import (
    OBJECTIVE,
    SUPPORT,
    checked,
    effective_values,
    elastic_net,
    evaluate,
)

SHARE = st.floats(0, 1)


@given(SHARE, SHARE)
def test_the_weights_add_up_to_alpha(alpha: float, ratio: float) -> None:
    """Alpha says how strongly, l1_ratio how mixed."""
    params = elastic_net(alpha, ratio)
    assert float(params[OBJECTIVE]) + float(params[SUPPORT]) == pytest.approx(alpha)
    assert params[OBJECTIVE] == alpha * ratio


def test_stock_scip_is_alpha_0_2_and_l1_ratio_0_5() -> None:
    """These values give exactly SCIP's default weights of 0.1."""
    assert elastic_net(0.2, 0.5) == {OBJECTIVE: 0.1, SUPPORT: 0.1}


def test_without_knobs_no_parameter_is_touched() -> None:
    """Stock SCIP stays stock, and its knobs are told all the same."""
    assert elastic_net(None, None) == {}
    assert effective_values({}, None, None) == {"alpha": 0.2, "l1_ratio": 0.5}


def test_weights_set_by_name_are_told_as_knobs() -> None:
    """The effective knob is logged whichever way the weights were given."""
    knobs = effective_values({OBJECTIVE: 0.3, SUPPORT: 0.1}, None, None)
    assert knobs == pytest.approx({"alpha": 0.4, "l1_ratio": 0.75})


@pytest.mark.parametrize(
    ("alpha", "ratio"), [(-0.1, 0.5), (1.5, 0.5), (0.2, 2), (0.2, -1), (float("nan"), 0.5)]
)
def test_a_knob_out_of_range_is_refused(alpha: float, ratio: float) -> None:
    """The message says the range."""
    with pytest.raises(UsageError, match=r"outside \[0, 1\]"):
        elastic_net(alpha, ratio)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("value", 0.5),
        ("1", 1.0),
        ("0.2 - value * 0.5", 0.2 - 0.25),
        ("-(value + 1) / 3 ** 2", -1.5 / 9),
        (" 2*value ", 1.0),
    ],
)
def test_a_formula_is_arithmetic_with_the_value(formula: str, expected: float) -> None:
    """As Python would compute it."""
    assert evaluate(formula, 0.5) == expected


@pytest.mark.parametrize(
    "formula",
    [
        "",
        "value +",
        "x",
        "value.real",
        "__import__('os')",
        "value if value else 1",
        "value > 1",
        "True",
        "1j",
        "'a'",
        "[1]",
        "(value := 1)",
        "value // 2",
        "1; 2",
        "(" * 150,
        "-" * 201 + "1",
    ],
)
def test_anything_but_arithmetic_is_refused(formula: str) -> None:
    """The message shows what a formula looks like."""
    with pytest.raises(UsageError, match="expected arithmetic with numbers and the word value"):
        evaluate(formula, 1)


@pytest.mark.parametrize("formula", ["1 / value", "(value - 1) ** 0.5", "9 ** 9 ** 9", "1e999"])
def test_a_result_is_a_finite_real_number(formula: str) -> None:
    """The message says for which value it is not."""
    with pytest.raises(UsageError, match="the result for value = 0 is not a finite number"):
        evaluate(formula, 0)


@given(st.text("value0123456789.+-*/() e", max_size=30), st.floats(-10, 10))
def test_any_text_is_a_number_or_a_usage_error(formula: str, value: float) -> None:
    """Nothing else is ever raised."""
    try:
        assert isinstance(evaluate(formula, value), float)
    except UsageError:
        return


@pytest.mark.parametrize(
    ("name", "own", "words"),
    [
        ("alpha", {"a/b": "value"}, "alpha is a built-in knob"),
        ("a/b", {"a/c": "value"}, "a/b is a parameter of scip"),
        ("w", {}, "w sets no parameter"),
        ("w", {"a/b": "value +"}, "w: a/b: 'value \\+'"),
    ],
)
def test_a_knob_has_a_name_of_its_own_and_sets_something(
    name: str, own: dict[str, str], words: str
) -> None:
    """The message names the knob."""
    with pytest.raises(UsageError, match=words):
        checked({name: own}, {"scip": {"a/b", "a/c"}})
