"""Traveling salesman by position variables: a compact model with a weak relaxation."""

from __future__ import annotations

from math import isqrt

from bench.instances.generators.builder import ModelBuilder, ones
from bench.instances.generators.draws import Draws
from bench.instances.generators.family import Family, Size
from bench.instances.generators.linear_model import LinearModel


def traveling_salesman(draws: Draws, *, cities: int) -> LinearModel:
    """Draw cities in a square; distances are Euclidean, rounded down.

    With x_ij = 1 if the tour goes from i to j and the position u_i of city i: minimise
    sum d_ij x_ij subject to sum_j x_ij = 1, sum_j x_ji = 1 and
    u_i - u_j + (n - 1) x_ij <= n - 2 for i, j >= 1, where 1 <= u <= n - 1.
    """
    model = ModelBuilder("traveling_salesman")
    places = draws.points(cities, 1000)
    everywhere, last = range(cities), cities - 1
    goes = {
        (i, j): model.binary(f"x_{i}_{j}", isqrt((a - c) ** 2 + (b - d) ** 2))
        for i, (a, b) in enumerate(places)
        for j, (c, d) in enumerate(places)
        if i != j
    }
    position = [model.continuous(f"u_{i}", 0, 1, last) for i in everywhere[1:]]
    for i in everywhere:
        model.equal(f"leave_{i}", ones(goes[i, j] for j in everywhere if j != i), 1)
        model.equal(f"enter_{i}", ones(goes[j, i] for j in everywhere if j != i), 1)
    for (i, j), x in goes.items():
        if i and j:
            order = [(1, position[i - 1]), (-1, position[j - 1]), (last, x)]
            model.at_most(f"order_{i}_{j}", order, last - 1)
    return model.build()


FAMILY = Family(
    "traveling_salesman",
    "traveling salesman with position variables",
    "C. Miller, A. Tucker and R. Zemlin, Integer programming formulation of traveling salesman "
    "problems, Journal of the ACM 7, 1960",
    (Size("cities", 12, 3, 100, "cities"),),
    traveling_salesman,
)
