"""Families of knapsacks: assigned items, general integers, several resources, equations."""

from __future__ import annotations

from bench.instances.generators.family import Draws, Family, Size
from bench.instances.generators.linear_model import LinearModel, ModelBuilder, ones


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


GENERALIZED_ASSIGNMENT = Family(
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


INTEGER_KNAPSACK = Family(
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


MARKET_SPLIT = Family(
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


MULTIDIMENSIONAL_KNAPSACK = Family(
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
