"""YAML as texts with lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.planning.yaml_tree import load


def test_scalars_stay_as_they_are_written() -> None:
    """No number, no yes or no, no count in sixties, no octal, no date."""
    tree = load("a: [1e-4, yes, 1:10:2, 010, 2020-01-01, 0x1F, '~']", "s.yaml")
    assert tree.data == {"a": ["1e-4", "yes", "1:10:2", "010", "2020-01-01", "0x1F", "~"]}


@pytest.mark.parametrize("text", ["a:", "a: ~", "a: null"])
def test_an_empty_value_is_none(text: str) -> None:
    """Written in any of YAML's ways."""
    assert load(text, "s.yaml").data == {"a": None}


def test_every_key_and_item_has_its_line() -> None:
    """An unknown path has the line of what is around it."""
    tree = load("a: 1\nb:\n  c:\n  - 1\n  - 2\n", "s.yaml")
    assert [tree.line(path) for path in [("a",), ("b", "c"), ("b", "c", "1"), ("b", "x")]] == [
        *(1, 3, 5, 2)
    ]


def test_anchors_and_merges_are_followed() -> None:
    """A key of its own goes over a merged one."""
    tree = load("a: &a {x: 1, y: 2}\nb: {y: 3, <<: *a}\nc: *a", "s.yaml")
    assert tree.data["b"] == {"x": "1", "y": "3"}
    assert tree.data["c"] == {"x": "1", "y": "2"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a: [1", "s.yaml:1: not YAML: expected ',' or ']'"),
        ("a: 1\n\tb: 2", "s.yaml:2: not YAML: .*tabs"),
        ("a: b: c", "s.yaml:1: not YAML: mapping values are not allowed here"),
        ("a: 1\n---\nb: 2", "s.yaml:2: not YAML: but found another document"),
        ("a: *b", "s.yaml:1: not YAML: found undefined alias"),
        ("\x00", "s.yaml: not YAML: expected a text in UTF-8"),
        (b"\xff\xfe\xfa", "s.yaml: not YAML: expected a text in UTF-8"),
        (b"a: \xe9", "s.yaml: not YAML: expected a text in UTF-8"),
        ("a: 1\nb: 2\na: 3", "s.yaml:3: key 'a' is already in line 1; keep one of them"),
        ("? [a]\n: 1", "s.yaml:1: a key must be a text"),
        ("a: {<<: 5}", "s.yaml:1: <<: expected a mapping"),
        ("a: &a\n  <<: *a", "s.yaml:1: <<: a mapping merges itself"),
        ("a: &a\n  b: {<<: [*a, {c: 1}]}", "s.yaml:2: (<<: a mapping merges|not a sweep)"),
        ("&a [*a]", "s.yaml:1: not a sweep: nested too deeply"),
        ("[" * 5000, "s.yaml: not a sweep: nested too deeply"),
    ],
)
def test_what_is_not_yaml_is_refused_with_its_line(content: str | bytes, words: str) -> None:
    """One line that says what was found."""
    with pytest.raises(UsageError, match=words) as caught:
        load(content, "s.yaml")
    assert "\n" not in str(caught.value)


def test_a_text_that_unfolds_without_end_is_refused() -> None:
    """Nine anchors of nine each are a billion laughs."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
    with pytest.raises(UsageError, match="too large"):
        load("\n".join(lines), "s.yaml")


@given(st.text("ab: \n-[]{},&*!|>'\"#%@`?~<", max_size=40))
def test_any_text_is_a_tree_or_a_usage_error(text: str) -> None:
    """Nothing else is ever raised."""
    try:
        load(text, "s.yaml")
    except UsageError:
        return
