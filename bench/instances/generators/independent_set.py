"""Maximum weight independent set in a random graph, with clique inequalities."""

from __future__ import annotations

from bench.instances.generators.builder import ModelBuilder, ones
from bench.instances.generators.draws import Draws
from bench.instances.generators.family import Family, Size
from bench.instances.generators.linear_model import LinearModel


def independent_set(draws: Draws, *, nodes: int, density: int, weights: int) -> LinearModel:
    """Draw an Erdos-Renyi graph and node weights in 1..`weights`.

    Maximise sum w_v x_v subject to sum over the nodes v of a clique of x_v <= 1, x binary, for
    the cliques of a greedy cover of all edges.
    """
    later = [{v for v in range(u + 1, nodes) if draws.chance(density)} for u in range(nodes)]
    model = ModelBuilder("independent_set", maximise=True)
    take = [model.binary(f"x_{v}", w) for v, w in enumerate(draws.integers(nodes, 1, weights))]
    for index, clique in enumerate(_clique_cover(later)):
        model.at_most(f"clique_{index}", ones(take[v] for v in clique), 1)
    return model.build()


def _clique_cover(later: list[set[int]]) -> list[list[int]]:
    """Return cliques that cover every edge; `later[u]` holds the neighbours of u beyond u."""
    open_edges = {(u, v) for u, ends in enumerate(later) for v in ends}
    cliques = []
    for u, v in sorted(open_edges):
        if (u, v) not in open_edges:
            continue
        clique = [u, v]
        for w in sorted(later[v]):
            if all(w in later[member] for member in clique):
                clique.append(w)
        open_edges -= {(a, b) for a in clique for b in clique if a < b}
        cliques.append(clique)
    return cliques


FAMILY = Family(
    "independent_set",
    "maximum weight independent set",
    "D. Bergman, A. Cire, W.-J. van Hoeve and J. Hooker, Discrete optimization with decision "
    "diagrams, INFORMS Journal on Computing 28, 2016",
    (
        Size("nodes", 80, 2, 2000, "nodes of the graph"),
        Size("density", 20, 0, 100, "chance of an edge in percent"),
        Size("weights", 1, 1, 1000, "largest weight of a node"),
    ),
    independent_set,
)
