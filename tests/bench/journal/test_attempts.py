"""Which of several attempts at a task counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bench.journal.attempts import counting, numbers_of_attempts
from bench.model.results.result import Result
from bench.model.results.verdict import Category, Verdict

MakeResult = Callable[..., Result]


@pytest.fixture
def attempts(make_result: MakeResult) -> Callable[[str], list[Result]]:
    """Return a maker of attempts at one task, a letter each; later ones take less time.

    ``u`` is undisturbed, ``d`` disturbed; ``F`` and ``f`` have failed, undisturbed and disturbed,
    ``i`` was interrupted, ``m`` is imported.
    """

    def make(letters: str) -> list[Result]:
        return [_attempt(make_result(), letter, at) for at, letter in enumerate(letters)]

    return make


def _attempt(one: Result, letter: str, at: int) -> Result:
    noise = ("other processes used 90% of a core",) if letter in "df" else ()
    evidence = "imported from a.csv:2: ok" if letter == "m" else one.execution.evidence
    execution = replace(
        one.execution,
        started_at=1_700_000_000.0 + 60 * at,
        wall_s=100.0 - at,
        noise=noise,
        evidence=evidence,
    )
    words = {"F": Category.CRASHED, "f": Category.CRASHED, "i": Category.INTERRUPTED}
    verdict = Verdict(words[letter], "no answer") if letter in words else one.verdict
    return replace(one, execution=execution, verdict=verdict)


@pytest.mark.parametrize(
    ("letters", "counts"),
    [
        ("u", 0),
        ("uu", 0),
        ("ud", 0),
        ("du", 1),
        ("duu", 1),
        ("dud", 1),
        ("ddd", 0),
        ("dddu", 3),
        ("Fu", 1),
        ("FF", 1),
        ("Fdu", 2),
        ("dF", 1),
        ("dFu", 2),
        ("di", 0),
        ("diu", 2),
        ("uF", 0),
        ("mm", 1),
    ],
)
def test_the_first_undisturbed_attempt_counts(
    letters: str, counts: int, attempts: Callable[[str], list[Result]]
) -> None:
    """Neither the fastest nor the latest; of disturbed ones the first, of failed ones the last."""
    results = attempts(letters)
    assert list(counting(results).values()) == [results[counts]]
    assert list(numbers_of_attempts(results).values()) == [len(letters)]


def test_an_attempt_that_is_judged_again_stays_the_same_attempt(
    attempts: Callable[[str], list[Result]],
) -> None:
    """Its verdict is the newest; one that does not count still does not."""
    first, second = attempts("uu")
    wrong = Verdict(Category.WRONG, "a better bound is known")
    judged, other = replace(first, verdict=wrong), replace(second, verdict=wrong)
    assert list(counting([first, second, judged]).values()) == [judged]
    assert list(counting([first, second, other]).values()) == [first]
    assert list(numbers_of_attempts([first, second, judged]).values()) == [2]
