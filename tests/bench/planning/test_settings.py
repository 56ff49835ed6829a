"""Settings and their names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.model.parameters import Catalogue, Parameter, ParameterKind
from bench.model.setting import ParameterValue
from bench.planning.knobs import OBJECTIVE, SUPPORT
from bench.planning.settings import (
    SettingRequest,
    add_parameter,
    assignments,
    setting,
    setting_name,
    shortest,
)


@pytest.mark.parametrize(
    ("base", "choices", "expected"),
    [
        (None, {}, "default"),
        ("cuts", {}, "cuts"),
        (None, {"alpha": 0.15, "separating/maxrounds": 0}, "alpha=0.15 maxrounds=0"),
        ("cuts", {"alpha": 0.1}, "cuts alpha=0.1"),
        (None, {"alpha": 0.1 + 0.2}, "alpha=0.3"),
        (None, {"a/freq": 1, "b/freq": 2}, "a/freq=1 b/freq=2"),
    ],
)
def test_a_name_says_what_differs(
    base: str | None, choices: dict[str, ParameterValue], expected: str
) -> None:
    """By the shortest names that are clear, and numbers as one writes them."""
    assert setting_name(base, choices) == expected


def test_what_differs_comes_first() -> None:
    """What all settings share comes last, where the UI may cut it off."""
    assert setting_name(None, {"a": 1, "b": 2}, varying={"b"}) == "b=2 a=1"


@given(st.sets(st.text("ab/", min_size=1, max_size=6)))
def test_labels_tell_names_apart(names: set[str]) -> None:
    """Each is an end of its name."""
    labels = shortest(names)
    assert len(set(labels.values())) == len(names)
    assert all(name.endswith(label) for name, label in labels.items())


CATALOGUE = Catalogue(
    [
        Parameter(
            name="separating/maxrounds",
            kind=ParameterKind.INT,
            default=-1,
            description="",
            low=-1,
            high=9,
        ),
        Parameter(name="timing/clocktype", kind=ParameterKind.INT, default=2, description=""),
        Parameter(
            name=OBJECTIVE, kind=ParameterKind.REAL, default=0.1, description="", low=0, high=1
        ),
        Parameter(
            name=SUPPORT, kind=ParameterKind.REAL, default=0.1, description="", low=0, high=1
        ),
    ]
)


def test_nothing_asked_for_is_the_setting_default() -> None:
    """Stock SCIP is called default and sets no parameter."""
    chosen = setting(SettingRequest(solver="scip"), CATALOGUE)
    assert (chosen.name, dict(chosen.params)) == ("default", {})


def test_the_name_says_what_differs() -> None:
    """Knobs first, then parameters by the last part of their name."""
    request = SettingRequest(
        solver="scip", alpha=0.15, l1_ratio=0.001, params={"separating/maxrounds": "0"}
    )
    assert setting(request, CATALOGUE).name == "alpha=0.15 l1_ratio=0.001 maxrounds=0"


def test_a_value_has_the_type_of_its_parameter() -> None:
    """What was typed as text becomes a number."""
    chosen = setting(SettingRequest(solver="scip", params={"separating/maxrounds": "0"}), CATALOGUE)
    assert chosen.params == {"separating/maxrounds": 0}


def test_by_hand_goes_over_file() -> None:
    """A parameter on the command line wins over the .set file."""
    request = SettingRequest(
        solver="scip",
        params={"separating/maxrounds": "0"},
        file_name="my",
        from_file={"separating/maxrounds": 5},
    )
    assert setting(request, CATALOGUE).params == {"separating/maxrounds": 0}


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (SettingRequest(solver="scip", params={"separating/maxround": "0"}), "did you mean"),
        (
            SettingRequest(solver="scip", params={"separating/maxrounds": "x"}),
            "expected a whole number",
        ),
        (SettingRequest(solver="scip", params={"separating/maxrounds": "10"}), "outside"),
        (SettingRequest(solver="scip", params={"timing/clocktype": "1"}), "--clock"),
        (
            SettingRequest(solver="scip", alpha=0.1, params={OBJECTIVE: "0.5"}),
            "already set by the knobs",
        ),
    ],
)
def test_what_cannot_be_set_is_refused_with_the_fix(wish: SettingRequest, words: str) -> None:
    """Unknown, wrong type, out of range, reserved, twice, foreign: each says so."""
    with pytest.raises(UsageError, match=words):
        setting(wish, CATALOGUE)


def test_knobs_are_those_of_a_catalogue_with_the_weights() -> None:
    """Whatever the solver is called; one without them has no knobs."""
    other = Catalogue(())
    assert setting(SettingRequest(solver="highs"), other).knobs == {}
    with pytest.raises(UsageError, match="knobs of scip, not of highs"):
        setting(SettingRequest(solver="highs", alpha=0.1), other)
    assert setting(SettingRequest(solver="mine"), CATALOGUE).knobs == {
        "alpha": 0.2,
        "l1_ratio": 0.5,
    }


def test_the_stock_values_of_knobs_are_those_of_the_version() -> None:
    """A knob left alone keeps what this version has."""
    weights = [
        Parameter(name=name, kind=ParameterKind.REAL, default=default, description="", low=0)
        for name, default in ((OBJECTIVE, 0.3), (SUPPORT, 0.1))
    ]
    version = Catalogue(weights)
    assert setting(SettingRequest(solver="scip@7"), version).knobs == {
        "alpha": pytest.approx(0.4),
        "l1_ratio": pytest.approx(0.75),
    }
    turned = setting(SettingRequest(solver="scip@7", l1_ratio=0.5), version)
    assert turned.params == {OBJECTIVE: pytest.approx(0.2), SUPPORT: pytest.approx(0.2)}


@pytest.mark.parametrize("text", ["separating/maxrounds", "=5", ""])
def test_an_assignment_needs_name_and_equals(text: str) -> None:
    """The message shows the form."""
    with pytest.raises(UsageError, match="expected NAME=VALUE"):
        assignments([text])


def test_two_values_of_one_parameter_are_refused() -> None:
    """The same value twice is fine, another one is not."""
    params = {"a/b": "1"}
    add_parameter(params, "a/b", "1")
    with pytest.raises(UsageError, match="is given twice"):
        add_parameter(params, "a/b", "2")
