"""Transportation: ship from plants to markets at least cost, a linear program of equations."""

from __future__ import annotations

from decimal import Decimal

from bench.instances.generators.builder import ModelBuilder, ones
from bench.instances.generators.draws import Draws
from bench.instances.generators.family import Family, Size
from bench.instances.generators.linear_model import LinearModel


def transportation(draws: Draws, *, plants: int, markets: int) -> LinearModel:
    """Draw demands in 10..100, supplies of the same sum, and costs in 1.00..20.00.

    Minimise sum c_ij x_ij subject to sum_j x_ij = supply_i, sum_i x_ij = demand_j, x >= 0.
    """
    demands = draws.integers(markets, 10, 100)
    supplies = [sum(demands) // plants] * plants
    supplies[0] += sum(demands) - sum(supplies)
    model = ModelBuilder("transportation")
    shipped = [
        [
            model.continuous(f"x_{i}_{j}", Decimal(draws.integer(100, 2000)).scaleb(-2))
            for j in range(markets)
        ]
        for i in range(plants)
    ]
    for i, supply in enumerate(supplies):
        model.equal(f"supply_{i}", ones(shipped[i]), supply)
    for j, demand in enumerate(demands):
        model.equal(f"demand_{j}", ones(row[j] for row in shipped), demand)
    return model.build()


FAMILY = Family(
    "transportation",
    "transportation (LP)",
    "F. L. Hitchcock, The distribution of a product from several sources to numerous localities, "
    "Journal of Mathematics and Physics 20, 1941",
    (
        Size("plants", 20, 1, 500, "plants"),
        Size("markets", 40, 1, 2000, "markets"),
    ),
    transportation,
)
