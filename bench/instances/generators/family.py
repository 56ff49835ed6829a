"""What a family of instances is: a title, the paper it follows, its sizes and its function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.instances.generators.linear_model import LinearModel


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

    The function raises ValueError if sizes that are each in range do not go together.
    """

    name: str
    title: str
    paper: str
    sizes: tuple[Size, ...]
    function: Callable[..., LinearModel]
