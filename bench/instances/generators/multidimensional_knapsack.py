"""Multidimensional knapsack: the most valuable items under several resource limits."""

from __future__ import annotations

from bench.instances.generators.builder import ModelBuilder
from bench.instances.generators.draws import Draws
from bench.instances.generators.family import Family, Size
from bench.instances.generators.linear_model import LinearModel


def multidimensional_knapsack(
    draws: Draws, *, resources: int, items: int, tightness: int
) -> LinearModel:
    """Draw uses r_ij in 0..1000 and values correlated with them.

    Maximise sum p_j x_j subject to sum_j r_ij x_j <= b_i, x binary, where b_i is `tightness`
    percent of sum_j r_ij and p_j = sum_i r_ij / resources + q_j with q_j in 0..500.
    """
    uses = [draws.integers(items, 0, 1000) for _ in range(resources)]
    model = ModelBuilder("multidimensional_knapsack", maximise=True)
    take = [
        model.binary(f"x_{j}", sum(column) // resources + draws.integer(0, 500))
        for j, column in enumerate(zip(*uses, strict=True))
    ]
    for i, row in enumerate(uses):
        model.at_most(f"resource_{i}", zip(row, take, strict=True), tightness * sum(row) // 100)
    return model.build()


FAMILY = Family(
    "multidimensional_knapsack",
    "multidimensional knapsack",
    "P. Chu and J. Beasley, A genetic algorithm for the multidimensional knapsack problem, "
    "Journal of Heuristics 4, 1998",
    (
        Size("resources", 5, 1, 100, "resource limits"),
        Size("items", 40, 1, 2000, "items"),
        Size("tightness", 50, 1, 100, "limits in percent of the use of all items"),
    ),
    multidimensional_knapsack,
)
