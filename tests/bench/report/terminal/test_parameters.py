"""Parameters as a table and as JSON."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from bench.model.parameters import Parameter, ParameterKind
from bench.report.terminal.parameters import table, to_json, value_text

ALPHA = Parameter(
    name="heuristics/feaspump/alpha",
    kind=ParameterKind.REAL,
    default=1.0,
    description="initial weight of the objective function in the convex combination",
    low=0.0,
    high=1.0,
)
NODES = Parameter(
    name="limits/nodes",
    kind=ParameterKind.INT,
    default=-1,
    description="maximal number of nodes to process (-1: no limit)",
    low=-1,
    high=2**63 - 1,
    advanced=True,
)
FILE = Parameter(
    name="log/file", kind=ParameterKind.STRING, default="", description="file to write to"
)


def test_a_table_has_a_row_and_a_description_for_each_parameter() -> None:
    """Columns are aligned, descriptions are indented below their row."""
    assert table([ALPHA, NODES], 90).splitlines() == [
        "NAME                       TYPE  RANGE                      DEFAULT",
        "heuristics/feaspump/alpha  real  [0, 1]                     1",
        "    initial weight of the objective function in the convex combination",
        "limits/nodes               int   [-1, 9223372036854775807]  -1",
        "    (advanced) maximal number of nodes to process (-1: no limit)",
    ]


def test_values_get_a_column_of_their_own_before_the_defaults() -> None:
    """What is set stands beside what it replaces."""
    assert table([ALPHA], 90, {ALPHA.name: 0.15}).splitlines()[:2] == [
        "NAME                       TYPE  RANGE   VALUE  DEFAULT",
        "heuristics/feaspump/alpha  real  [0, 1]  0.15   1",
    ]


def test_a_name_without_room_gets_a_line_of_its_own() -> None:
    """A long name is never broken, and its row follows below it."""
    long = Parameter(
        name="a/" + "b" * 70, kind=ParameterKind.BOOL, default=True, description="flag"
    )
    lines = table([long], 80).splitlines()
    assert lines[1] == long.name
    assert lines[2].split() == ["bool", "true", "or", "false", "true"]


@given(
    st.lists(
        st.builds(
            Parameter,
            name=st.text("ab/", min_size=1, max_size=80),
            kind=st.sampled_from(ParameterKind),
            default=st.text("x y", max_size=60) | st.integers() | st.floats() | st.booleans(),
            description=st.text("word ", max_size=300),
            choices=st.lists(st.sampled_from("abcdefghijklmnop"), max_size=16).map(tuple),
        ),
        max_size=5,
    ),
    st.integers(1, 200),
)
def test_no_line_of_a_table_is_wider_than_the_terminal(
    parameters: list[Parameter], width: int
) -> None:
    """Whatever the parameters are, every line fits (80 columns are always taken as given)."""
    assert all(len(line) <= max(width, 80) for line in table(parameters, width).splitlines())


def test_json_has_one_object_for_each_parameter() -> None:
    """All facts are there by name, with null for an infinite bound."""
    assert json.loads(to_json([FILE])) == [
        {
            "name": "log/file",
            "type": "string",
            "range": {"low": None, "high": None, "choices": []},
            "default": "",
            "description": "file to write to",
            "advanced": False,
        }
    ]


def test_json_keeps_large_integers_exactly() -> None:
    """A 64-bit bound survives the text."""
    assert json.loads(to_json([NODES]))[0]["range"]["high"] == 2**63 - 1


def test_json_has_the_value_where_values_are_given() -> None:
    """With a settings file each object also says what is set."""
    assert json.loads(to_json([ALPHA], {ALPHA.name: 0.15}))[0]["value"] == 0.15


def test_values_are_shown_as_they_would_be_typed() -> None:
    """Numbers are short, flags in lower case, texts in quotes, choices bare."""
    values = (True, 0.1, 1e20, 7, "s", "", "li")
    assert [value_text(value) for value in values] == [
        "true",
        "0.1",
        "1e+20",
        "7",
        "s",
        '""',
        '"li"',
    ]
