"""Convert dataclasses to plain data for JSON and back, only with the standard library.

This is the format for another Python interpreter, which has nothing but a solver's library: pickles
differ between versions of Python, and pydantic is not installed there. The processes of bench trust
each other; files from other sources are read by pydantic.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import Enum
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """Return a dataclass, or one of its values, as JSON types."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {field.name: to_plain(getattr(value, field.name)) for field in fields}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): to_plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_plain(each) for each in value]
    return value


def from_plain(kind: type[T], data: Any) -> T:
    """Return the dataclass of this kind from the data that `to_plain` returned.

    Raise TypeError or ValueError for other data.
    """
    made: T = _read(kind, data)
    return made


def _read(kind: Any, data: Any) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        return _read_union(inner, data)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        if not isinstance(data, dict):
            raise TypeError(f"expected an object for {kind.__name__}")
        hints = _hints(kind)
        return kind(**{name: _read(hints[name], value) for name, value in data.items()})
    if origin is tuple and inner[-1:] != (...,):
        return tuple(_read(each, value) for each, value in zip(inner, data, strict=True))
    if origin in {tuple, list, frozenset, set}:
        return origin(_read(inner[0], value) for value in data)
    if origin is not None and issubclass(origin, Mapping):
        return {key: _read(inner[1], value) for key, value in data.items()}
    if isinstance(kind, type) and issubclass(kind, Enum | Path):
        return kind(data)
    return data


def _read_union(kinds: tuple[Any, ...], data: Any) -> Any:
    """Read the value as the only member of the union that is more than a number or a text."""
    if data is None:
        return None
    rich = [kind for kind in kinds if kind not in {NoneType, bool, int, float, str}]
    if len(rich) == 1:
        return _read(rich[0], data)
    return data


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)
