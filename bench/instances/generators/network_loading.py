"""Network loading: how many small and large facilities to install on each edge."""

from __future__ import annotations

from bench.instances.generators.builder import ModelBuilder, ones
from bench.instances.generators.draws import Draws
from bench.instances.generators.family import Family, Size
from bench.instances.generators.linear_model import LinearModel
from bench.instances.generators.networks import conserve, ring_with_edges

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


FAMILY = Family(
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
