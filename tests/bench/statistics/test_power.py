"""How many instances or seeds it takes."""

from __future__ import annotations

from math import log

import pytest

from bench.statistics.power import Needed, Spread, needed

EFFECT = log(1.05)


def spread(deviation: float, within: float | None, n_instances: int = 20) -> Spread:
    """Return a scatter of three seeds each."""
    return Spread(deviation=deviation, within=within, n_instances=n_instances, n_seeds=3)


def test_the_textbook_number_of_pairs() -> None:
    """((1.960 + 0.842) sd / effect)^2, for an effect of half a standard deviation: 32."""
    assert needed(spread(2 * EFFECT, None), EFFECT, 0.05) == Needed(12, None)


def test_enough_instances_need_nothing_more() -> None:
    """Neither instances nor seeds."""
    assert needed(spread(EFFECT, EFFECT), EFFECT, 0.05) == Needed(0, 0)


@pytest.mark.parametrize(("within", "seeds"), [(2 * 3**0.5, 2), (2.0, None)])
def test_more_seeds_only_help_against_what_seeds_cause(within: float, seeds: int | None) -> None:
    """If all of it is theirs, 32 / 20 times as many do; the rest, no number of seeds removes."""
    found = needed(spread(2 * EFFECT, within * EFFECT), EFFECT, 0.05)
    assert found == Needed(12, seeds)
