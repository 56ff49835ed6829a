"""Cutting stock: how often to cut each pattern so that all orders are met with least stock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.instances.generators.builder import ModelBuilder
from bench.instances.generators.draws import Draws
from bench.instances.generators.family import Family, Size
from bench.instances.generators.linear_model import LinearModel

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


FAMILY = Family(
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
