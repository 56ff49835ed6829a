"""Lists and ranges of values."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.errors import UsageError
from bench.planning.values import MOST, split, values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", "0"),
        ("0,5", "0 5"),
        (" 0 , 5 ", "0 5"),
        ("0:10:2", "0 2 4 6 8 10"),
        ("0:9:2", "0 2 4 6 8"),
        ("10:0:-5", "10 5 0"),
        ("3:3:1", "3"),
        ("0:0.3:0.1", "0 0.1 0.2 0.3"),
        ("1e1:2e1:1e1", "10 20"),
        ("1:10:2", "1 3 5 7 9"),
        ("-1,0:4:2", "-1 0 2 4"),
        ("log:1e-4:1:5", "0.0001 0.001 0.01 0.1 1"),
        ("log:1000:1:4", "1000 100 10 1"),
        ("log:1:2:2", "1 2"),
        ("off,yes,1e-4", "off yes 1e-4"),
        ("a:b", "a:b"),
        ("it's", "it's"),
    ],
)
def test_a_text_lists_values(text: str, expected: str) -> None:
    """Commas part, ranges include both ends where a step hits them, the rest stays as it is."""
    assert values(text) == tuple(expected.split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"a,b",c', ("a,b", "c")),
        ("'0:10:2'", ("0:10:2",)),
        ('""', ("",)),
        ('"it\'s"', ("it's",)),
    ],
)
def test_a_quoted_value_is_taken_as_it_is(text: str, expected: tuple[str, ...]) -> None:
    """No comma parts it, and no range is seen in it."""
    assert values(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "value is empty"),
        ("1,,2", "value is empty"),
        ('"a', "is not closed"),
        ("0:10", "START:STOP:STEP, e.g. 0:10:2"),
        ("0:10:x", "START:STOP:STEP"),
        ("0:10:0", "the step of a range must not be 0"),
        ("10:0:1", "range is empty"),
        ("0:1:1e-9", f"more than {MOST} values"),
        ("log:1:2", "log:START:STOP:N, e.g. log:1e-4:1:5"),
        ("log:0:1:5", "must be different numbers above 0"),
        ("log:1:1:5", "must be different numbers above 0"),
        ("log:1:2:1", "N must be a whole number from 2"),
        ("log:1:2:2.5", "N must be a whole number from 2"),
    ],
)
def test_what_is_no_list_is_refused_with_the_form_that_is(text: str, words: str) -> None:
    """The message shows the text and what to write."""
    with pytest.raises(UsageError, match=words):
        values(text)


@given(st.lists(st.text(st.characters(exclude_characters="\"'"), max_size=5), min_size=1))
def test_quoted_texts_come_back_as_they_were(texts: list[str]) -> None:
    """Any text can be a value."""
    assert values(",".join(f'"{text}"' for text in texts)) == tuple(texts)


@given(st.integers(-99, 99), st.integers(0, 50), st.integers(1, 9), st.integers(0, 3))
def test_a_range_counts_in_equal_steps_from_start_to_stop(
    start: int, n: int, step: int, digits: int
) -> None:
    """It has the end, exactly, where the arithmetic hits it, whatever the scale."""
    scale = 10**digits
    text = f"{start / scale}:{(start + n * step) / scale}:{step / scale}"
    assert [float(value) for value in values(text)] == [
        (start + i * step) / scale for i in range(n + 1)
    ]


@given(st.floats(1e-9, 1e9), st.floats(1.01, 1e9), st.integers(2, 40))
def test_a_log_range_grows_in_equal_ratios(start: float, factor: float, n: int) -> None:
    """N points, the first and the last as they were given."""
    stop = start * factor
    found = [float(value) for value in values(f"log:{start!r}:{stop!r}:{n}")]
    assert (len(found), found[0], found[-1]) == (n, start, stop)
    ratios = [math.log(b / a) for a, b in itertools.pairwise(found)]
    assert ratios == pytest.approx([math.log(stop / start) / (n - 1)] * (n - 1), rel=1e-6)


@given(st.text(max_size=30))
def test_any_text_is_a_list_or_a_usage_error(text: str) -> None:
    """Nothing else is ever raised."""
    try:
        assert values(text)
    except UsageError:
        return


def test_parts_may_be_separated_by_blanks() -> None:
    """Quotes hold after an equals sign too."""
    assert split('a="x y" b=1', " ") == ['a="x y"', "b=1"]
