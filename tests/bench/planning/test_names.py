"""Names of settings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.model.setting import ParameterValue
from bench.planning.names import setting_name, shortest


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
