"""Which colour a setting gets."""

from __future__ import annotations

from bench.model.colours import COLOURS
from bench.tracking.ui.colouring import give_colour, rarest

FIRST, SECOND, THIRD, *OTHERS = COLOURS


def test_the_first_setting_gets_the_first_colour() -> None:
    """As in figures."""
    assert rarest([], []) == FIRST


def test_settings_of_a_sweep_differ_whatever_others_have() -> None:
    """Of those that the sweep has not, the one that is rarest elsewhere."""
    assert rarest([FIRST], [FIRST, SECOND]) == THIRD
    assert rarest([FIRST, *OTHERS], [FIRST, SECOND, THIRD, THIRD, *OTHERS]) == SECOND


def test_with_more_settings_than_colours_they_come_again() -> None:
    """And what is no colour of ours does not count."""
    assert rarest([*COLOURS, FIRST, "#123456", ""]) == SECOND


def test_a_store_that_fails_costs_no_more_than_the_colour() -> None:
    """Nothing is raised."""
    give_colour(object(), "1", "run", None)  # type: ignore[arg-type]
