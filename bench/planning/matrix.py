"""The matrix of a sweep: the combinations of lists, and of lists that advance together."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bench.errors import UsageError
from bench.planning.declaration import Declaration, Lists

MOST_SETTINGS = 10_000

Point = Mapping[str, str]
"""One value for each knob and parameter of the matrix."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """Points of which the matrix uses one at a time; ``origin`` begins messages about them."""

    points: tuple[Point, ...]
    origin: str

    @property
    def names(self) -> tuple[str, ...]:
        """The knobs and parameters that it sets."""
        return tuple(self.points[0])


def dimensions(declaration: Declaration) -> list[Dimension]:
    """Return the dimensions: each list of the grid, then each group of zipped lists.

    Raise UsageError for an empty list, a repeated value, zipped lists of different lengths, a name
    in two dimensions, and a product that is too large.
    """
    found = [
        Dimension(_points({name: listed}, origin), origin)
        for name, listed in declaration.grid.items()
        for origin in [declaration.at("grid", name)]
    ]
    at = declaration.at("zips")
    found += [Dimension(_points(group, at), at) for group in declaration.zips]
    names = [name for dimension in found for name in dimension.names]
    for name, n in Counter(names).items():
        if n > 1:
            raise UsageError(f"{at}{name} is in the grid or in zip already; keep one of them")
    n_points = math.prod(len(dimension.points) for dimension in found)
    if n_points * max(1, len(declaration.settings)) > MOST_SETTINGS:
        at = declaration.at("grid")
        raise UsageError(
            f"{at}the combinations of all lists are more than {MOST_SETTINGS} settings"
        )
    return found


def points(matrix: list[Dimension]) -> Iterator[Point]:
    """Yield the product of the dimensions, the last one varying fastest."""
    for combination in itertools.product(*(dimension.points for dimension in matrix)):
        yield {name: value for point in combination for name, value in point.items()}


def varying(matrix: list[Dimension]) -> frozenset[str]:
    """Return the names that have more than one value."""
    several = (dimension for dimension in matrix if len(dimension.points) > 1)
    return frozenset(name for dimension in several for name in dimension.names)


def _points(lists: Lists, origin: str) -> tuple[Point, ...]:
    for name, listed in lists.items():
        if not listed:
            raise UsageError(f"{origin}{name}: the list is empty; add a value or remove the entry")
    lengths = {name: len(listed) for name, listed in lists.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {n}" for name, n in lengths.items())
        raise UsageError(f"{origin}zipped lists must have equal lengths, but {told}")
    rows = tuple(dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True))
    if not rows:
        raise UsageError(f"{origin}there are no lists to zip; add lists or remove the entry")
    for i, row in enumerate(rows):
        if row in rows[:i]:
            told = ", ".join(f"{name} = {value}" for name, value in row.items())
            raise UsageError(f"{origin}{told} is listed twice; keep one of them")
    return rows
