"""Combinatorial auction: accept the bids of greatest value that share no item."""

from __future__ import annotations

from math import isqrt

from bench.instances.generators.builder import ModelBuilder, ones
from bench.instances.generators.draws import Draws
from bench.instances.generators.family import Family, Size
from bench.instances.generators.linear_model import LinearModel


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


FAMILY = Family(
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
