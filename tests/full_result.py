"""A result in which nothing is missing, made by the types of its attributes."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import Enum
from itertools import count
from typing import Any

from bench.model.results.result import Result
from bench.model.results.verification import Quantity, Violation

UNIONS = {types.UnionType, typing.Union}


def full_result() -> Result:
    """Return a result in which everything has a value of its own; its solution was checked."""
    found: Result = filled(Result, count(1))
    assert found.verification is not None
    return replace(found, verification=replace(found.verification, skipped=None))


def filled(hint: Any, numbers: Iterator[int]) -> Any:
    """Return a value of a type, all that is optional in it there, and no number twice."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    number = next(numbers)
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        names = [each.name for each in dataclasses.fields(hint)]
        return hint(**{name: filled(hints[name], numbers) for name in names})  # type: ignore[operator]
    if origin in UNIONS:
        return filled(inner[0], numbers)
    if hint == tuple[Violation, ...]:
        return tuple(Violation(one, number + 0.5, 0.25, f"w{one}", f"a{one}") for one in Quantity)
    if origin is tuple:
        parts = inner[:1] if inner[-1] is Ellipsis else inner
        return tuple(filled(part, numbers) for part in parts)
    if origin is Mapping:
        return {"some": filled(inner[1], numbers)}
    if issubclass(hint, Enum):
        return next(iter(hint))
    simple = {bool: True, int: number, float: number + 0.5}
    return simple.get(hint) or hint(f"text{number}")
