"""Bin packing: put all items into as few bins as possible."""

from __future__ import annotations

from bench.instances.generators.builder import ModelBuilder, ones
from bench.instances.generators.draws import Draws
from bench.instances.generators.family import Family, Size
from bench.instances.generators.linear_model import LinearModel

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


FAMILY = Family(
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
