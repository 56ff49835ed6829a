"""Generalized assignment: give every job to one agent of limited capacity at least cost."""

from __future__ import annotations

from bench.instances.generators.builder import ModelBuilder, ones
from bench.instances.generators.draws import Draws
from bench.instances.generators.family import Family, Size
from bench.instances.generators.linear_model import LinearModel


def generalized_assignment(draws: Draws, *, agents: int, jobs: int, tightness: int) -> LinearModel:
    """Draw type D: loads a_ij in 1..100 and costs c_ij = 111 - a_ij + e with e in -10..10.

    Minimise sum c_ij x_ij subject to sum_i x_ij = 1, sum_j a_ij x_ij <= b_i, x binary, where
    b_i = `tightness` percent of sum_j a_ij / agents. The book has 80; about 35 is infeasible.
    """
    loads = [draws.integers(jobs, 1, 100) for _ in range(agents)]
    model = ModelBuilder("generalized_assignment")
    assign = [
        [
            model.binary(f"x_{i}_{j}", 111 - load + draws.integer(-10, 10))
            for j, load in enumerate(row)
        ]
        for i, row in enumerate(loads)
    ]
    for j in range(jobs):
        model.equal(f"job_{j}", ones(assign[i][j] for i in range(agents)), 1)
    for i, row in enumerate(loads):
        capacity = tightness * sum(row) // (100 * agents)
        model.at_most(f"agent_{i}", zip(row, assign[i], strict=True), capacity)
    return model.build()


FAMILY = Family(
    "generalized_assignment",
    "generalized assignment",
    "S. Martello and P. Toth, Knapsack Problems: Algorithms and Computer Implementations, "
    "Wiley, 1990, chapter 7",
    (
        Size("agents", 5, 2, 100, "agents"),
        Size("jobs", 30, 2, 2000, "jobs"),
        Size("tightness", 80, 1, 200, "capacity in percent of the mean load of an agent"),
    ),
    generalized_assignment,
)
