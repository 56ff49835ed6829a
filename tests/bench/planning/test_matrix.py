"""The matrix: products and zipped lists."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.planning.declaration import Declaration, Lists
from bench.planning.matrix import MOST_SETTINGS, dimensions, points, varying

LISTS = st.dictionaries(
    st.text("ab", min_size=1, max_size=3),
    st.lists(st.integers(0, 9).map(str), min_size=1, max_size=4, unique=True).map(tuple),
    max_size=4,
)


@given(LISTS)
def test_lists_multiply(grid: Lists) -> None:
    """Every combination is there, once."""
    found = [tuple(point.items()) for point in points(dimensions(Declaration(grid=grid)))]
    assert len(set(found)) == len(found) == math.prod(map(len, grid.values()))


@given(LISTS, st.integers(1, 5))
def test_zipped_lists_advance_together(grid: Lists, n: int) -> None:
    """They multiply the rest by their common length."""
    rows = tuple(map(str, range(n)))
    matrix = dimensions(Declaration(grid=grid, zips=({"x": rows, "y": rows},)))
    found = list(points(matrix))
    assert len(found) == n * math.prod(map(len, grid.values()))
    assert all(point["x"] == point["y"] for point in found)


def test_what_has_one_value_does_not_vary() -> None:
    """In the grid and in zipped lists."""
    lists = {"a": ("1",), "b": ("1", "2")}
    matrix = dimensions(Declaration(grid=lists, zips=({"c": ("1",)}, {"d": ("1", "2")})))
    assert varying(matrix) == {"b", "d"}


@pytest.mark.parametrize(
    ("grid", "zips", "words"),
    [
        ({"a": ()}, (), "a: the list is empty"),
        ({"a": ("1", "2", "1")}, (), "a = 1 is listed twice"),
        ({}, ({"a": ("1",), "b": ("1", "2")},), "equal lengths, but a has 1, b has 2"),
        ({}, ({},), "no lists to zip"),
        ({}, ({"a": ("1", "1"), "b": ("2", "2")},), "a = 1, b = 2 is listed twice"),
        ({"a": ("1",)}, ({"a": ("1",)},), "a is in the grid or in zip already"),
        ({}, ({"a": ("1",)}, {"a": ("2",)}), "a is in the grid or in zip already"),
        (
            dict.fromkeys("abc", tuple(map(str, range(30)))),
            (),
            f"the combinations of all lists are more than {MOST_SETTINGS} settings",
        ),
    ],
)
def test_a_matrix_that_cannot_be_is_refused(
    grid: Lists, zips: tuple[Lists, ...], words: str
) -> None:
    """Empty, twice, of different lengths, too large: each says which list."""
    with pytest.raises(UsageError, match=words):
        dimensions(Declaration(grid=grid, zips=zips))
