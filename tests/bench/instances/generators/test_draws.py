"""The random draws: in range, and the same for ever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bench.instances.generators.draws import Draws


def test_the_stream_of_a_seed_never_changes() -> None:
    """The first draws of seed 7 are those of the day the bundle was made."""
    draws = Draws(7)
    assert draws.integers(5, 0, 99) == [32, 15, 65, 7, 53]
    assert draws.shuffled(range(6)) == [1, 3, 4, 5, 0, 2]


@given(st.integers(0, 10**9), st.integers(-50, 50), st.integers(0, 50))
def test_integers_stay_in_their_range(seed: int, low: int, width: int) -> None:
    """Both ends are possible and nothing beyond them."""
    assert all(low <= value <= low + width for value in Draws(seed).integers(20, low, low + width))


@given(st.integers(0, 10**9), st.integers(0, 20), st.integers(0, 25))
def test_a_sample_has_different_items(seed: int, n_items: int, count: int) -> None:
    """A sample holds as many different items as asked for, or all of them."""
    sample = Draws(seed).sample(range(n_items), count)
    assert len(sample) == len(set(sample)) == min(count, n_items)
    assert set(sample) <= set(range(n_items))


@given(st.integers(0, 10**9), st.lists(st.integers(0, 9), min_size=1).filter(any))
def test_an_item_of_weight_zero_is_never_chosen(seed: int, weights: list[int]) -> None:
    """The weighted choice falls on items of positive weight only."""
    assert weights[Draws(seed).weighted_choice(range(len(weights)), weights)] > 0


def test_all_choices_of_positive_weight_occur() -> None:
    """Items are drawn in proportion to their weights, within what chance allows."""
    draws = Draws(1)
    drawn = [draws.weighted_choice("abc", [1, 0, 3]) for _ in range(400)]
    assert 60 < drawn.count("a") < 140
    assert drawn.count("b") == 0
