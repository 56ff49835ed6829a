"""Market split: divide customers between two divisions so that every market is halved exactly."""

from __future__ import annotations

from bench.instances.generators.builder import ModelBuilder
from bench.instances.generators.draws import Draws
from bench.instances.generators.family import Family, Size
from bench.instances.generators.linear_model import LinearModel


def market_split(draws: Draws, *, markets: int, customers: int) -> LinearModel:
    """Draw sales a_ij in 0..99 of customer j in market i; there is no objective.

    Find binary x with sum_j a_ij x_j = floor(sum_j a_ij / 2) for every market i. With
    10 (markets - 1) customers as in the paper there is almost never a solution, and
    branch-and-bound has to enumerate.
    """
    model = ModelBuilder("market_split")
    first_half = [model.binary(f"x_{j}", 0) for j in range(customers)]
    for i in range(markets):
        sales = draws.integers(customers, 0, 99)
        model.equal(f"market_{i}", zip(sales, first_half, strict=True), sum(sales) // 2)
    return model.build()


FAMILY = Family(
    "market_split",
    "market split feasibility",
    "G. Cornuejols and M. Dawande, A class of hard small 0-1 programs, "
    "Integer Programming and Combinatorial Optimization, LNCS 1412, 1998",
    (
        Size("markets", 3, 1, 20, "equations"),
        Size("customers", 20, 2, 200, "binary columns"),
    ),
    market_split,
)
