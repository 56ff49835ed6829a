"""Families of logistics: where to open, when to produce, what to ship, in which order to visit."""

from __future__ import annotations

from decimal import Decimal
from math import isqrt

from bench.instances.generators.family import Draws, Family, Size
from bench.instances.generators.linear_model import LinearModel, ModelBuilder, Term, ones


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


FACILITY_LOCATION = Family(
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


def lot_sizing(draws: Draws, *, items: int, periods: int, utilisation: int) -> LinearModel:
    """Draw demands in 50..150, setup times in 10..50 and setup costs for lots of a few periods.

    With production x_it, stock s_it and setups y_it: minimise sum h_i s_it + q_i y_it subject to
    s_i,t-1 + x_it = d_it + s_it, sum_i x_it + t_i y_it <= C, x_it <= (d_it + ... + d_iT) y_it.
    If each period produced exactly its demand, it would use `utilisation` percent of C on average.
    """
    demands = [draws.integers(periods, 50, 150) for _ in range(items)]
    setup_times = draws.integers(items, 10, 50)
    work = sum(map(sum, demands)) + periods * sum(setup_times)
    capacity = 100 * work // (utilisation * periods)
    model = ModelBuilder("lot_sizing")
    load: list[list[Term]] = [[] for _ in range(periods)]
    for i, (demand, setup_time) in enumerate(zip(demands, setup_times, strict=True)):
        holding, setup = draws.integer(1, 5), draws.integer(200, 1000)
        before = None
        for t, need in enumerate(demand):
            lot = model.continuous(f"x_{i}_{t}", 0)
            stock = model.continuous(f"s_{i}_{t}", holding)
            is_set_up = model.binary(f"y_{i}_{t}", setup)
            carried: list[Term] = [] if before is None else [(1, before)]
            model.equal(f"balance_{i}_{t}", [*carried, (1, lot), (-1, stock)], need)
            model.at_most(f"setup_{i}_{t}", [(1, lot), (-sum(demand[t:]), is_set_up)], 0)
            load[t] += [(1, lot), (setup_time, is_set_up)]
            before = stock
    for t, terms in enumerate(load):
        model.at_most(f"capacity_{t}", terms, capacity)
    return model.build()


LOT_SIZING = Family(
    "lot_sizing",
    "multi-item capacitated lot-sizing with setup times",
    "W. Trigeiro, L. J. Thomas and J. McClain, Capacitated lot sizing with setup times, "
    "Management Science 35, 1989",
    (
        Size("items", 4, 1, 100, "items"),
        Size("periods", 10, 3, 200, "periods"),
        Size("utilisation", 85, 10, 110, "capacity used by lot-for-lot production, in percent"),
    ),
    lot_sizing,
)


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


TRANSPORTATION = Family(
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


TRAVELING_SALESMAN = Family(
    "traveling_salesman",
    "traveling salesman with position variables",
    "C. Miller, A. Tucker and R. Zemlin, Integer programming formulation of traveling salesman "
    "problems, Journal of the ACM 7, 1960",
    (Size("cities", 12, 3, 100, "cities"),),
    traveling_salesman,
)
