"""Capacitated facility location: which facilities to open, and which customer each one serves."""

from __future__ import annotations

from math import isqrt

from bench.instances.generators.builder import ModelBuilder, ones
from bench.instances.generators.draws import Draws
from bench.instances.generators.family import Family, Size
from bench.instances.generators.linear_model import LinearModel


def facility_location(draws: Draws, *, facilities: int, customers: int, ratio: int) -> LinearModel:
    """Draw places in a square, demands in 5..35 and capacities `ratio` percent of the demand.

    With x_ij the fraction of customer j's demand d_j served from facility i (capacity s_i):
    minimise sum f_i y_i + sum c_ij x_ij subject to sum_i x_ij = 1, sum_j d_j x_ij <= s_i y_i,
    x >= 0, y binary. c_ij grows with distance times demand, f_i with the root of s_i.
    """
    sources, sinks = draws.points(facilities, 1000), draws.points(customers, 1000)
    demands = draws.integers(customers, 5, 35)
    shares = draws.integers(facilities, 10, 160)
    capacities = [max(1, share * sum(demands) * ratio // (100 * sum(shares))) for share in shares]
    model = ModelBuilder("facility_location")
    is_open = [
        model.binary(f"y_{i}", draws.integer(0, 90) + draws.integer(100, 110) * isqrt(size))
        for i, size in enumerate(capacities)
    ]
    served = [
        [
            model.continuous(f"x_{i}_{j}", demand * isqrt((a - c) ** 2 + (b - d) ** 2) // 100)
            for j, (demand, (c, d)) in enumerate(zip(demands, sinks, strict=True))
        ]
        for i, (a, b) in enumerate(sources)
    ]
    for j in range(customers):
        model.equal(f"demand_{j}", ones(served[i][j] for i in range(facilities)), 1)
    for i, capacity in enumerate(capacities):
        used = list(zip(demands, served[i], strict=True))
        model.at_most(f"capacity_{i}", [*used, (-capacity, is_open[i])], 0)
    return model.build()


FAMILY = Family(
    "facility_location",
    "capacitated facility location",
    "G. Cornuejols, R. Sridharan and J.-M. Thizy, A comparison of heuristics and relaxations for "
    "the capacitated plant location problem, European Journal of Operational Research 50, 1991",
    (
        Size("facilities", 20, 1, 500, "places where a facility may open"),
        Size("customers", 30, 1, 2000, "customers to serve"),
        Size("ratio", 300, 110, 2000, "capacity of all facilities in percent of the demand"),
    ),
    facility_location,
)
