"""Tunings over a space that does nothing; benchmarks/simulated_tunings.py has 500 of them."""

from __future__ import annotations

import pytest

from benchmarks.simulated_tunings import tuned, wilson


@pytest.mark.slow
def test_a_space_that_does_nothing_is_hardly_ever_called_better() -> None:
    """In six tunings, of which some find a winner on the training set."""
    found = [tuned(seed) for seed in range(6)]
    assert any(is_tested for is_tested, _ in found)
    assert sum(is_better for _, is_better in found) <= 1


def test_the_interval_of_a_share_is_wilson_s() -> None:
    """As in the literature: 10 of 100 is 5.5 % to 17.4 %."""
    assert wilson(10, 100) == pytest.approx((0.0552, 0.1744), abs=1e-3)
