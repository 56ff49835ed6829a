"""Families of flows in networks, and the random graphs that they share."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias

from bench.instances.generators.family import Draws, Family, Size
from bench.instances.generators.linear_model import LinearModel, ModelBuilder, ones

Arc: TypeAlias = tuple[int, int]


def ring_with_chords(draws: Draws, nodes: int, arcs: int) -> list[Arc]:
    """Return a directed cycle through all nodes and then random other arcs, `arcs` in all.

    Raises ValueError if the cycle alone has more arcs or there are not so many.
    """
    ring = [(node, (node + 1) % nodes) for node in range(nodes)]
    every = [(i, j) for i in range(nodes) for j in range(nodes) if i != j]
    return _extended(draws, ring, every, arcs)


def ring_with_edges(draws: Draws, nodes: int, edges: int) -> list[Arc]:
    """Return an undirected cycle through all nodes and then random other edges (i < j).

    Raises ValueError if the cycle alone has more than `edges` edges or there are not so many.
    """
    ring = [(node, node + 1) for node in range(nodes - 1)] + [(0, nodes - 1)]
    every = [(i, j) for i in range(nodes) for j in range(i + 1, nodes)]
    return _extended(draws, ring, every, edges)


def _extended(draws: Draws, ring: list[Arc], every: list[Arc], count: int) -> list[Arc]:
    """Return ``count`` connections: those of the ring, and random ones of the others."""
    if not len(ring) <= count <= len(every):
        raise ValueError(
            f"{len(ring)} nodes need {len(ring)} to {len(every)} connections, not {count}"
        )
    return ring + draws.sample([arc for arc in every if arc not in ring], count - len(ring))


def conserve(
    model: ModelBuilder, name: str, flow: Mapping[Arc, int], supply: Mapping[int, int]
) -> None:
    """Add, for every node that an arc touches, the row outflow - inflow = supply (default 0)."""
    for node in sorted({end for arc in flow for end in arc}):
        terms = [(1, x) for (i, _), x in flow.items() if i == node]
        terms += [(-1, x) for (_, j), x in flow.items() if j == node]
        model.equal(f"{name}_{node}", terms, supply.get(node, 0))


def arbitrage(draws: Draws, *, currencies: int, gain: int) -> LinearModel:
    """Draw exchange rates around hidden values, with a loss of 1 to 5 percent on every exchange.

    x_ij (integer) lots of 1000 units of currency i are changed into r_ij units of j each; z_i is
    what is kept. Maximise sum v_i z_i subject to z_i + 1000 sum_j x_ij - sum_j r_ji x_ji = w_i.
    The rates along the cycle 0, 1, 2, ... gain `gain` percent each: with a gain of 1 or more
    the model is unbounded, with -1 or less it is not.
    """
    values = draws.integers(currencies, 50, 200)
    model = ModelBuilder("arbitrage", maximise=True)
    nodes = range(currencies)
    kept = [model.continuous(f"z_{i}", value) for i, value in enumerate(values)]
    balance = [[(1, column)] for column in kept]
    for i in nodes:
        for j in nodes:
            if i == j:
                continue
            percent = 100 + (gain if j == (i + 1) % currencies else -draws.integer(1, 5))
            lot = model.integer(f"x_{i}_{j}", 0)
            balance[i].append((1000, lot))
            balance[j].append((-(10 * percent * values[i] // values[j]), lot))
    for i in nodes:
        model.equal(f"balance_{i}", balance[i], draws.integer(5000, 20000))
    return model.build()


ARBITRAGE = Family(
    "arbitrage",
    "currency arbitrage in whole lots",
    "T. Cormen, C. Leiserson, R. Rivest and C. Stein, Introduction to Algorithms, MIT Press, "
    "problem 24-3, 2001",
    (
        Size("currencies", 6, 2, 100, "currencies"),
        Size("gain", 3, -5, 20, "gain in percent on every exchange of one cycle"),
    ),
    arbitrage,
)


def multicommodity_flow(draws: Draws, *, nodes: int, arcs: int, commodities: int) -> LinearModel:
    """Draw a graph, costs in 0.1..10.0 with one decimal and commodities of 10..50 units.

    Minimise sum c_a x_ak subject to flow conservation and sum_k x_ak <= u_a, x >= 0. The arcs of
    a ring through all nodes cost 25 and have no limit; the other u_a are a twentieth to a fifth
    of all demand.
    """
    graph = ring_with_chords(draws, nodes, arcs)
    routes = [(*draws.sample(range(nodes), 2), draws.integer(10, 50)) for _ in range(commodities)]
    total = sum(demand for _, _, demand in routes)
    model = ModelBuilder("multicommodity_flow")
    flows: list[dict[tuple[int, int], int]] = [{} for _ in routes]
    for index, (i, j) in enumerate(graph):
        on_ring = index < nodes
        cost = 25 if on_ring else Decimal(draws.integer(1, 100)).scaleb(-1)
        for k, flow in enumerate(flows):
            flow[i, j] = model.continuous(f"x_{i}_{j}_{k}", cost)
        if not on_ring:
            carried = ones(flow[i, j] for flow in flows)
            model.at_most(f"capacity_{i}_{j}", carried, total * draws.integer(5, 20) // 100)
    for k, ((origin, end, demand), flow) in enumerate(zip(routes, flows, strict=True)):
        conserve(model, f"flow_{k}", flow, {origin: demand, end: -demand})
    return model.build()


MULTICOMMODITY_FLOW = Family(
    "multicommodity_flow",
    "minimum-cost multicommodity flow (LP)",
    "J. Kennington, A survey of linear cost multicommodity network flows, "
    "Operations Research 26, 1978",
    (
        Size("nodes", 20, 3, 500, "nodes"),
        Size("arcs", 100, 3, 5000, "directed arcs"),
        Size("commodities", 10, 1, 500, "commodities, each with one origin and one destination"),
    ),
    multicommodity_flow,
)


def network_design(
    draws: Draws, *, nodes: int, arcs: int, commodities: int, tightness: int
) -> LinearModel:
    """Draw a strongly connected graph, flow costs in 1..50 and commodities of 10..50 units.

    With the flow x_ak of commodity k on arc a and y_a = 1 if a is built: minimise
    sum c_a x_ak + f_a y_a subject to flow conservation and sum_k x_ak <= u_a y_a, y binary.
    The mean u_a is total demand * 100 / `tightness`; arcs of the ring carry everything.
    """
    graph = ring_with_chords(draws, nodes, arcs)
    routes = [(*draws.sample(range(nodes), 2), draws.integer(10, 50)) for _ in range(commodities)]
    total = sum(demand for _, _, demand in routes)
    model = ModelBuilder("network_design")
    flows: list[dict[tuple[int, int], int]] = [{} for _ in routes]
    for index, (i, j) in enumerate(graph):
        capacity = total if index < nodes else max(10, total * draws.integer(50, 150) // tightness)
        is_built = model.binary(f"y_{i}_{j}", draws.integer(5, 15) * capacity // 2)
        cost = draws.integer(1, 50)
        for k, flow in enumerate(flows):
            flow[i, j] = model.continuous(f"x_{i}_{j}_{k}", cost)
        carried = ones(flow[i, j] for flow in flows)
        model.at_most(f"capacity_{i}_{j}", [*carried, (-capacity, is_built)], 0)
    for k, ((origin, end, demand), flow) in enumerate(zip(routes, flows, strict=True)):
        conserve(model, f"flow_{k}", flow, {origin: demand, end: -demand})
    return model.build()


NETWORK_DESIGN = Family(
    "network_design",
    "multicommodity capacitated fixed-charge network design",
    "T. G. Crainic, A. Frangioni and B. Gendron, Bundle-based relaxation methods for "
    "multicommodity capacitated fixed charge network design, Discrete Applied Mathematics 112, "
    "2001",
    (
        Size("nodes", 10, 3, 200, "nodes"),
        Size("arcs", 35, 3, 2000, "directed arcs"),
        Size("commodities", 5, 1, 200, "commodities, each with one origin and one destination"),
        Size("tightness", 400, 100, 2000, "total demand in percent of the mean capacity"),
    ),
    network_design,
)


SMALL, LARGE = 1, 24


def network_loading(draws: Draws, *, nodes: int, edges: int, demand: int) -> LinearModel:
    """Draw an undirected graph, a demand in 0..`demand` for every pair of nodes, and costs.

    With integers y_e, z_e (facilities of capacity 1 and 24 on edge e) and the flow x of all
    demands out of node k: minimise sum p_e y_e + q_e z_e subject to flow conservation and
    sum_k x_ijk <= y_e + 24 z_e in either direction. A large one costs as much as 6 to 12 small.
    """
    graph = ring_with_edges(draws, nodes, edges)
    model = ModelBuilder("network_loading")
    flows: list[dict[tuple[int, int], int]] = [{} for _ in range(nodes)]
    for i, j in graph:
        price = draws.integer(10, 100)
        small = model.integer(f"y_{i}_{j}", price)
        large = model.integer(f"z_{i}_{j}", price * draws.integer(6, 12))
        for tail, head in ((i, j), (j, i)):
            for k, flow in enumerate(flows):
                flow[tail, head] = model.continuous(f"x_{tail}_{head}_{k}", 0)
            carried = ones(flow[tail, head] for flow in flows)
            installed = [(-SMALL, small), (-LARGE, large)]
            model.at_most(f"capacity_{tail}_{head}", [*carried, *installed], 0)
    for k, flow in enumerate(flows):
        wanted = {node: -draws.integer(0, demand) for node in range(nodes) if node != k}
        conserve(model, f"flow_{k}", flow, wanted | {k: -sum(wanted.values())})
    return model.build()


NETWORK_LOADING = Family(
    "network_loading",
    "two-facility capacitated network loading",
    "T. Magnanti, P. Mirchandani and R. Vachani, Modeling and solving the two-facility "
    "capacitated network loading problem, Operations Research 43, 1995",
    (
        Size("nodes", 6, 3, 100, "nodes"),
        Size("edges", 9, 3, 1000, "undirected edges"),
        Size("demand", 10, 1, 1000, "largest demand between two nodes"),
    ),
    network_loading,
)
