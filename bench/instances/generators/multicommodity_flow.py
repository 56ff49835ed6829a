"""Minimum-cost multicommodity flow: a linear program of flow conservation rows."""

from __future__ import annotations

from decimal import Decimal

from bench.instances.generators.builder import ModelBuilder, ones
from bench.instances.generators.draws import Draws
from bench.instances.generators.family import Family, Size
from bench.instances.generators.linear_model import LinearModel
from bench.instances.generators.networks import conserve, ring_with_chords


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


FAMILY = Family(
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
