"""Curves in the corners that data seldom reaches."""

from __future__ import annotations

import numpy as np

from bench.statistics.curves import cactus, profile, ratios_to_best


def test_what_nobody_solves_stays_in_the_denominator() -> None:
    """A profile never reaches one then."""
    costs = np.array([[1.0, 2.0], [9.0, 9.0]])
    solved = np.array([[True, True], [False, False]])
    assert profile(costs, solved, np.array([1.0, 2.0])).tolist() == [[0.5, 0.0], [0.5, 0.5]]


def test_zero_is_best_and_everything_else_is_infinitely_worse() -> None:
    """No division by zero."""
    costs, solved = np.array([[0.0, 0.0, 3.0]]), np.array([[True, True, True]])
    assert ratios_to_best(costs, solved).tolist() == [[1.0, 1.0, np.inf]]


def test_who_is_fast_without_solving_is_not_best() -> None:
    """Only what is solved counts."""
    costs, solved = np.array([[0.1, 3.0]]), np.array([[False, True]])
    assert ratios_to_best(costs, solved).tolist() == [[np.inf, 1.0]]
    assert [each.tolist() for each in cactus(costs, solved)] == [[], [3.0]]
