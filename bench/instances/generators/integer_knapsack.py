"""Equality knapsack with general integers whose coefficients are nearly proportional."""

from __future__ import annotations

from bench.instances.generators.builder import ModelBuilder
from bench.instances.generators.draws import Draws
from bench.instances.generators.family import Family, Size
from bench.instances.generators.linear_model import LinearModel


def integer_knapsack(
    draws: Draws, *, items: int, rows: int, multiplier: int, multiples: int
) -> LinearModel:
    """Draw a_ij = `multiplier` p_j + r_ij with p_j in 1..10 and r_ij in -10..10, and x* >= 0.

    Minimise sum c_j x_j subject to sum_j a_ij x_j = b_i, x >= 0 integer, where b = A x* for a
    drawn x* in 0..`multiples`, so that the model is feasible.
    """
    model = ModelBuilder("integer_knapsack")
    take = [model.integer(f"x_{j}", cost) for j, cost in enumerate(draws.integers(items, 1, 100))]
    scale = draws.integers(items, 1, 10)
    hidden = draws.integers(items, 0, multiples)
    for i in range(rows):
        weights = [multiplier * p + draws.integer(-10, 10) for p in scale]
        side = sum(a * x for a, x in zip(weights, hidden, strict=True))
        model.equal(f"sum_{i}", zip(weights, take, strict=True), side)
    return model.build()


FAMILY = Family(
    "integer_knapsack",
    "equality constrained integer knapsack",
    "K. Aardal and A. Lenstra, Hard equality constrained integer knapsacks, "
    "Mathematics of Operations Research 29, 2004",
    (
        Size("items", 8, 2, 200, "integer columns"),
        Size("rows", 1, 1, 50, "equations"),
        Size("multiplier", 100, 11, 100000, "the larger, the closer to proportional"),
        Size("multiples", 10, 1, 1000, "largest value of the hidden solution"),
    ),
    integer_knapsack,
)
