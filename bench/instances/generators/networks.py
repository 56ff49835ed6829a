"""Directed graphs and flow conservation, shared by the network families."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from bench.instances.generators.builder import ModelBuilder
from bench.instances.generators.draws import Draws

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
    """Return the ring and random others, `count` in all."""
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
