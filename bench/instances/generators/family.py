"""Families of instances, and the seeded random draws for their functions.

Draws are the same on every platform and in every Python version. Python guarantees only that
`random.Random(seed).random()` always yields the same sequence; the algorithms of `randint`,
`shuffle` and `sample` may change. Therefore everything here uses only `random()`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from bench.instances.generators.linear_model import LinearModel

Item = TypeVar("Item")


class Draws:
    """A stream of draws that depends only on the seed (a non-negative integer)."""

    def __init__(self, seed: int) -> None:
        """Start the stream of this seed."""
        self._random = Random(seed)  # noqa: S311 - simulation, not secrets

    def integer(self, low: int, high: int) -> int:
        """Draw uniformly from the integers low, ..., high (both included)."""
        return low + int(self._random.random() * (high - low + 1))

    def integers(self, count: int, low: int, high: int) -> list[int]:
        """Draw `count` independent integers, each uniform in low, ..., high."""
        return [self.integer(low, high) for _ in range(count)]

    def chance(self, percent: int) -> bool:
        """Return true with a probability of `percent` in a hundred."""
        return self.integer(0, 99) < percent

    def shuffled(self, items: Iterable[Item]) -> list[Item]:
        """Return the items in a uniformly random order (Fisher-Yates)."""
        order = list(items)
        for last in range(len(order) - 1, 0, -1):
            other = self.integer(0, last)
            order[last], order[other] = order[other], order[last]
        return order

    def sample(self, items: Iterable[Item], count: int) -> list[Item]:
        """Return `count` different items in random order (all of them if there are fewer)."""
        return self.shuffled(items)[:count]

    def choice(self, items: Sequence[Item]) -> Item:
        """Draw one item uniformly."""
        return items[self.integer(0, len(items) - 1)]

    def weighted_choice(self, items: Sequence[Item], weights: Sequence[int]) -> Item:
        """Draw one item with a probability proportional to its non-negative weight (sum > 0)."""
        mark = self.integer(1, sum(weights))
        for item, weight in zip(items, weights, strict=True):
            mark -= weight
            if mark <= 0:
                return item
        raise AssertionError

    def points(self, count: int, side: int) -> list[tuple[int, int]]:
        """Draw `count` points with integer coordinates, uniform in the square [0, side]^2."""
        return [(self.integer(0, side), self.integer(0, side)) for _ in range(count)]


@dataclass(frozen=True, slots=True)
class Size:
    """One size parameter of a family, an integer between `minimum` and `maximum`."""

    name: str
    default: int
    minimum: int
    maximum: int
    meaning: str


@dataclass(frozen=True, slots=True)
class Family:
    """A family: `function(draws, **sizes)` returns the model drawn from the stream `draws`.

    The function raises ValueError for sizes that are each in range but incompatible.
    """

    name: str
    title: str
    paper: str
    sizes: tuple[Size, ...]
    function: Callable[..., LinearModel]
