"""Numbers that are read from files: within bounds, refused by pydantic in plain words."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from pydantic import TypeAdapter, ValidationError

from bench.journal.line import problem_text
from bench.model.numbers import LARGEST, LAST_MOMENT, KnownMoment, KnownSeconds, Seconds, Whole


@dataclass(frozen=True)
class _Row:
    count: Whole | None = None
    took: Seconds = 0.0
    known: KnownSeconds = 0.0
    at: KnownMoment | None = None


READ = TypeAdapter(_Row)


@pytest.mark.parametrize(
    ("text", "row"),
    [
        (f'{{"count": {LARGEST}}}', _Row(count=LARGEST)),
        (f'{{"count": {-LARGEST}, "at": null}}', _Row(count=-LARGEST)),
        ('{"took": 1e12, "known": -1e12}', _Row(took=1e12, known=-1e12)),
        (f'{{"at": {LAST_MOMENT}}}', _Row(at=float(LAST_MOMENT))),
    ],
)
def test_numbers_within_the_bounds_are_taken(text: str, row: _Row) -> None:
    """The bounds themselves are within."""
    assert READ.validate_json(text) == row
    assert READ.validate_json(READ.dump_json(row)) == row


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f'{{"count": {LARGEST + 1}}}', "count: Input should be less than or equal to"),
        (f'{{"count": {-LARGEST - 1}}}', "count: Input should be greater than or equal to"),
        ('{"count": 1.5}', "count: Input should be a valid integer"),
        ('{"took": 1e13}', "took: out of range"),
        ('{"known": "NaN"}', "known: out of range"),
        ('{"at": -1}', "at: out of range"),
        (f'{{"at": {LAST_MOMENT + 1}}}', "at: out of range"),
    ],
)
def test_others_are_refused_in_plain_words(text: str, problem: str) -> None:
    """Whoever reads the file is told which field it is."""
    with pytest.raises(ValidationError) as caught:
        READ.validate_json(text)
    assert problem_text(caught.value).startswith(problem)
