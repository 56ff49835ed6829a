"""Set covering: choose the cheapest columns that cover every row."""

from __future__ import annotations

from bench.instances.generators.builder import ModelBuilder, ones
from bench.instances.generators.draws import Draws
from bench.instances.generators.family import Family, Size
from bench.instances.generators.linear_model import LinearModel


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


FAMILY = Family(
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
