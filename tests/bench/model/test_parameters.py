"""Parameters: the check of values, the search for names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.model.parameters import Catalogue, Parameter, ParameterKind, check_value
from bench.model.setting import ParameterValue

FLAG = Parameter(name="search/Flag", kind=ParameterKind.BOOL, default=True, description="a flag")
LONG = Parameter(
    name="limits/nodes",
    kind=ParameterKind.INT,
    default=-1,
    description="nodes",
    low=-1,
    high=2**63 - 1,
)
RATIO = Parameter(
    name="cuts/ratio",
    kind=ParameterKind.REAL,
    default=0.5,
    description="a share",
    low=0.0,
    high=1.0,
)
MODE = Parameter(
    name="cuts/mode", kind=ParameterKind.CHAR, default="a", description="a mode", choices=("a", "b")
)
FILE = Parameter(name="log/file", kind=ParameterKind.STRING, default="-", description="a file")
FREE = Parameter(name="heur/Pump/alpha", kind=ParameterKind.REAL, default=1.0, description="weight")
CATALOGUE = Catalogue([FLAG, LONG, RATIO, MODE, FILE, FREE])


@pytest.mark.parametrize(
    ("parameter", "given_value", "expected"),
    [
        (FLAG, "TRUE", True),
        (FLAG, "off", False),
        (FLAG, 0, False),
        (LONG, "12", 12),
        (LONG, "1e3", 1000),
        (LONG, 7.0, 7),
        (LONG, str(2**63 - 1), 2**63 - 1),
        (RATIO, "0.035", 0.035),
        (RATIO, 1, 1.0),
        (MODE, "b", "b"),
        (FILE, "x y", "x y"),
    ],
)
def test_a_value_comes_back_in_the_type_of_the_parameter(
    parameter: Parameter, given_value: ParameterValue, expected: ParameterValue
) -> None:
    """Text from a shell and numbers from YAML both end in the parameter's own type."""
    checked = check_value(parameter, given_value)
    assert (type(checked), checked) == (type(expected), expected)


@pytest.mark.parametrize(
    ("parameter", "value", "reason"),
    [
        (FLAG, "maybe", "expected true or false"),
        (FLAG, 2, "expected true or false"),
        (LONG, "1.5", "expected a whole number"),
        (LONG, True, "expected a whole number"),
        (LONG, "1_000", "expected a whole number"),
        (LONG, "١٢", "expected a whole number"),
        (LONG, "inf", "expected a whole number"),
        (LONG, -2, "outside [-1, 9223372036854775807]"),
        (LONG, 2**63, "outside [-1, 9223372036854775807]"),
        (RATIO, "nan", "expected a number"),
        (RATIO, "0,5", "expected a number"),
        (RATIO, "1.5", "outside [0, 1]"),
        (FREE, "inf", "outside any"),
        (FREE, 10**400, "outside any"),
        (MODE, "ab", "expected a single character"),
        (MODE, "c", "outside one of a, b"),
        (FILE, 5, "expected a text"),
    ],
)
def test_a_wrong_value_is_refused_with_name_value_and_what_is_allowed(
    parameter: Parameter, value: ParameterValue, reason: str
) -> None:
    """The message holds all that is needed to put it right."""
    with pytest.raises(UsageError) as caught:
        check_value(parameter, value)
    assert str(caught.value) == f"parameter {parameter.name} = {value!r}: {reason}"


@given(
    st.sampled_from(list(CATALOGUE.values())),
    st.booleans() | st.integers() | st.floats() | st.text(),
)
def test_a_checked_value_passes_the_check_again_unchanged(
    parameter: Parameter, value: ParameterValue
) -> None:
    """Checking is idempotent, and fails with nothing but UsageError."""
    try:
        checked = check_value(parameter, value)
    except UsageError:
        return
    assert check_value(parameter, checked) == checked


def test_an_unknown_name_is_refused_with_the_names_that_may_be_meant() -> None:
    """A misspelt name leads to the right one."""
    with pytest.raises(UsageError, match="'limits/node'; did you mean 'limits/nodes'"):
        CATALOGUE.check("limits/node", 1)


def test_an_unknown_name_without_likeness_leads_to_the_command() -> None:
    """Where nothing is alike the message says how to find names."""
    with pytest.raises(UsageError, match="see `bench params PATTERN --solver NAME`"):
        CATALOGUE.check("xyzzy", 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("alpha", ["heur/Pump/alpha"]),
        ("pump/ALPHA", ["heur/Pump/alpha"]),
        ("cut/ratio", ["cuts/ratio"]),
        ("pumpp", ["heur/Pump/alpha"]),
        ("qqqqqq", []),
        ("", []),
    ],
)
def test_near_names_are_found_by_their_end_their_spelling_or_a_part(
    text: str, expected: list[str]
) -> None:
    """The likeliest name comes first; nothing alike gives nothing."""
    assert CATALOGUE.near(text)[:1] == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("cuts", [RATIO, MODE]),
        ("FLAG", [FLAG]),
        ("cuts/*", [RATIO, MODE]),
        ("*/rat??", [RATIO]),
        ("cut*[eo]", [RATIO, MODE]),
        ("uts/*", []),
        (".", []),
        ("[", []),
    ],
)
def test_a_pattern_is_a_part_of_the_name_or_a_glob_for_all_of_it(
    pattern: str, expected: list[Parameter]
) -> None:
    """Case does not count, a dot is only a dot, and the solver's order is kept."""
    assert CATALOGUE.matching(pattern) == expected


def test_an_empty_pattern_matches_everything() -> None:
    """No pattern means all parameters."""
    assert CATALOGUE.matching("") == list(CATALOGUE.values())


def test_a_range_is_said_in_words() -> None:
    """Every kind of range has a text, with integers to the last digit."""
    assert [known.range_text for known in CATALOGUE.values()] == [
        "true or false",
        "[-1, 9223372036854775807]",
        "[0, 1]",
        "one of a, b",
        "any",
        "any",
    ]
