"""Which changes explain the candidates' ratios, and which do no more than chance."""

from __future__ import annotations

import math
import random

import pytest

from bench.model.setting import ParameterValue
from bench.tuning.candidate import Candidate
from bench.tuning.importance import importances, to_stock, value_effects
from bench.tuning.race import Standing


def standings(effect: float, seed: int = 0, n: int = 40) -> list[Standing]:
    """Return candidates that each change some of six parameters; p0 has an effect."""
    generator = random.Random(seed)
    found = []
    for at in range(n):
        names = [f"p{one}" for one in range(6) if generator.random() < 0.4]
        log = generator.gauss(0, 0.3) + (effect if "p0" in names else 0.0)
        candidate = Candidate(name=f"c{at}", changes=dict.fromkeys(names, 1))
        found.append(Standing(round=1, candidate=candidate, n_pairs=4, log_ratio=log, error=0.1))
    return found


def test_a_parameter_with_an_effect_stands_out_first() -> None:
    """With the ratio that it has."""
    first, *others = importances(standings(math.log(0.4)))
    assert (first.label, first.stands_out) == ("p0", True)
    assert first.ratio == pytest.approx(0.4, rel=0.25)
    assert first.share > 3 * max(one.share for one in others)


def test_without_effects_about_one_in_twenty_stands_out() -> None:
    """Of 20 races with six parameters each."""
    found = [one for seed in range(20) for one in importances(standings(0.0, seed))]
    assert len(found) == 120
    assert sum(one.stands_out for one in found) <= 14


@pytest.mark.parametrize("n", [0, 1, 4])
def test_of_few_candidates_nothing_is_said(n: int) -> None:
    """Three must have a change, and three must not."""
    assert importances(standings(1.0, n=n)) == []


def test_equal_ratios_explain_nothing() -> None:
    """No division by a variance of nothing."""
    alike = [
        Standing(round=1, candidate=one.candidate, n_pairs=2, log_ratio=0.0, error=0.0)
        for one in standings(0.0)
    ]
    assert not any(one.share or one.stands_out for one in importances(alike))


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([True, False] * 6, ["False", "True"]),
        ([0.5, 2, 0.5, 7] * 3, ["0.5", "2", "7"]),
        ([at / 8 for at in range(12)], ["0 to 0.375", "0.5 to 0.875", "1 to 1.38"]),
    ],
    ids=["switch", "few numbers", "many numbers"],
)
def test_values_have_the_ratios_of_their_candidates(
    values: list[ParameterValue], shown: list[str]
) -> None:
    """Here the log ratio is the value; an emphasis has no values."""
    found = value_effects(
        [
            Standing(
                round=1,
                candidate=Candidate(name=f"c{at}", changes={"p": value}),
                n_pairs=4,
                log_ratio=float(value),
                error=0.1,
            )
            for at, value in enumerate(values)
        ],
        ["heuristics-off", "p"],
    )
    assert [one.values for one in found] == shown
    assert sum(one.n for one in found) == 12
    assert [one.ratio for one in found] == sorted(one.ratio for one in found)


def test_ratios_are_to_stock_over_all_incumbents() -> None:
    """Those of a round have the incumbents before it."""
    one = Candidate(name="c")
    rows = [
        Standing(round=number, candidate=one, n_pairs=8, log_ratio=log, error=0.1, won=won)
        for number, log, won in [(1, -1.0, True), (1, 0.5, False), (2, -0.5, True), (3, 0.1, False)]
    ]
    assert to_stock(rows) == pytest.approx([-1.0, 0.5, -1.5, -1.4])
