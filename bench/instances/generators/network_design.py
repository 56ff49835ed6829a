"""Fixed-charge network design: which arcs to build so that all commodities can flow."""

from __future__ import annotations

from bench.instances.generators.builder import ModelBuilder, ones
from bench.instances.generators.draws import Draws
from bench.instances.generators.family import Family, Size
from bench.instances.generators.linear_model import LinearModel
from bench.instances.generators.networks import conserve, ring_with_chords


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


FAMILY = Family(
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
