"""Families of packing and covering: auctions, bins, stock to cut, independent sets, set covers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isqrt

from bench.instances.generators.family import Draws, Family, Size
from bench.instances.generators.linear_model import LinearModel, ModelBuilder, ones


def auction(draws: Draws, *, items: int, bids: int) -> LinearModel:
    """Draw the scheme "arbitrary": bidders prefer bundles of items that are close to each other.

    Maximise sum p_b x_b subject to sum over the bids on item i of x_b <= 1, x binary. A bidder
    makes up to five bids, of which one at most is accepted. A bundle grows with 65 percent chance
    by an item drawn by closeness; its price is the sum of the bidder's values plus 20 n^1.5.
    """
    values = draws.integers(items, 1, 100)
    closeness = [draws.integers(items, 0, 100) for _ in range(items)]
    model = ModelBuilder("auction", maximise=True)
    bids_on: list[list[int]] = [[] for _ in range(items)]
    n_bids = bidder = 0
    while n_bids < bids:
        own = [value + draws.integer(-value // 2, value // 2) for value in values]
        bundles = {_bundle(draws, closeness) for _ in range(min(5, bids - n_bids))}
        accepted = []
        for bundle in sorted(bundles):
            price = sum(own[i] for i in bundle) + isqrt(400 * len(bundle) ** 3)
            accepted.append(model.binary(f"x_{n_bids}", price))
            for i in bundle:
                bids_on[i].append(accepted[-1])
            n_bids += 1
        model.at_most(f"bidder_{bidder}", ones(accepted), 1)
        bidder += 1
    for i, competing in enumerate(bids_on):
        if competing:
            model.at_most(f"item_{i}", ones(competing), 1)
    return model.build()


def _bundle(draws: Draws, closeness: list[list[int]]) -> tuple[int, ...]:
    """Draw a bundle: a first item, then more of them by their closeness to those chosen."""
    items = range(len(closeness))
    bundle = {draws.choice(items)}
    while len(bundle) < len(closeness) and draws.chance(65):
        rest = [i for i in items if i not in bundle]
        weights = [1 + sum(closeness[j][i] for j in bundle) for i in rest]
        bundle.add(draws.weighted_choice(rest, weights))
    return tuple(sorted(bundle))


AUCTION = Family(
    "auction",
    "winner determination in a combinatorial auction",
    "K. Leyton-Brown, M. Pearson and Y. Shoham, Towards a universal test suite for combinatorial "
    "auction algorithms, ACM Conference on Electronic Commerce, 2000",
    (
        Size("items", 50, 2, 1000, "items for sale"),
        Size("bids", 200, 1, 10000, "bids"),
    ),
    auction,
)


CAPACITY = 150


def bin_packing(draws: Draws, *, items: int, bins: int) -> LinearModel:
    """Draw item sizes in 20..100 for bins of capacity 150 (the uniform class).

    Minimise sum y_b subject to sum_b x_ib = 1, sum_i a_i x_ib <= 150 y_b, x and y binary. With
    fewer `bins` than any packing needs, the model is infeasible.
    """
    model = ModelBuilder("bin_packing")
    sizes = draws.integers(items, 20, 100)
    is_used = [model.binary(f"y_{b}", 1) for b in range(bins)]
    put = [[model.binary(f"x_{i}_{b}", 0) for b in range(bins)] for i in range(items)]
    for i in range(items):
        model.equal(f"item_{i}", ones(put[i]), 1)
    for b in range(bins):
        packed = [(size, put[i][b]) for i, size in enumerate(sizes)]
        model.at_most(f"bin_{b}", [*packed, (-CAPACITY, is_used[b])], 0)
    return model.build()


BIN_PACKING = Family(
    "bin_packing",
    "bin packing",
    "E. Falkenauer, A hybrid grouping genetic algorithm for bin packing, "
    "Journal of Heuristics 2, 1996",
    (
        Size("items", 16, 1, 500, "items to pack"),
        Size("bins", 8, 1, 500, "bins at hand"),
    ),
    bin_packing,
)


STOCK = ((100, 100), (80, 83), (60, 65))
"""Lengths of the stock and the price of a piece of it."""


def cutting_stock(draws: Draws, *, widths: int, demand: int) -> LinearModel:
    """Draw different widths in 15..50, ordered 1..`demand` times each, cut from three lengths.

    Minimise sum c_p x_p subject to sum_p a_wp x_p >= d_w, x integer, over all maximal patterns p
    of the three stock lengths; a_wp pieces of width w come out of pattern p.
    """
    orders = sorted(draws.sample(range(15, 51), widths), reverse=True)
    model = ModelBuilder("cutting_stock")
    cuts = [
        (pattern, model.integer(f"x_{length}_{index}", price))
        for length, price in STOCK
        for index, pattern in enumerate(_patterns(length, orders))
    ]
    for w, width in enumerate(orders):
        made = [(pattern[w], times) for pattern, times in cuts]
        model.at_least(f"width_{width}", made, draws.integer(1, demand))
    return model.build()


def _patterns(length: int, widths: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield all ways to cut a length into widths (sorted downwards) that waste less than the last.

    The smallest width fills up whatever is left, so that every pattern is maximal.
    """
    first, *rest = widths
    if not rest:
        yield (length // first,)
        return
    for count in range(length // first, -1, -1):
        for more in _patterns(length - count * first, rest):
            yield (count, *more)


CUTTING_STOCK = Family(
    "cutting_stock",
    "cutting stock with several stock lengths",
    "P. Gilmore and R. Gomory, A linear programming approach to the cutting-stock problem, "
    "Operations Research 9, 1961",
    (
        Size("widths", 8, 1, 30, "different widths ordered"),
        Size("demand", 30, 1, 1000, "largest number of pieces ordered of a width"),
    ),
    cutting_stock,
)


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


INDEPENDENT_SET = Family(
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


def set_cover(draws: Draws, *, rows: int, columns: int, density: int) -> LinearModel:
    """Draw costs in 1..100 and a random 0/1 matrix with at least two columns in each row.

    Minimise sum c_j x_j subject to sum over the columns j of row i of x_j >= 1, x binary.
    """
    model = ModelBuilder("set_cover")
    chosen = [
        model.binary(f"x_{j}", cost) for j, cost in enumerate(draws.integers(columns, 1, 100))
    ]
    for i in range(rows):
        at_least_two = draws.sample(chosen, 2)
        covering = [x for x in chosen if draws.chance(density) or x in at_least_two]
        model.at_least(f"cover_{i}", ones(covering), 1)
    return model.build()


SET_COVER = Family(
    "set_cover",
    "set covering",
    "E. Balas and A. Ho, Set covering algorithms using cutting planes, heuristics, and subgradient "
    "optimization: a computational study, Mathematical Programming Studies 12, 1980",
    (
        Size("rows", 100, 1, 2000, "rows to cover"),
        Size("columns", 500, 2, 10000, "columns to choose from"),
        Size("density", 5, 0, 100, "chance in percent that a column covers a row"),
    ),
    set_cover,
)
