"""Solver parameters as a table for the terminal and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from textwrap import wrap

from bench.model.parameters import Parameter
from bench.model.setting import ParameterValue

NARROWEST = 80
"""The least width of a table, for any width of the terminal."""

_WIDEST_CELL = 26
_GAP = "  "
_INDENT = "    "


def table(
    parameters: Sequence[Parameter],
    width: int,
    values: Mapping[str, ParameterValue] | None = None,
) -> str:
    """Return one row per parameter, its description below it, in lines of at most ``width``.

    A name that leaves no room for the other columns gets a line of its own and is never broken, so
    that it can be copied. ``values`` adds a column with the value of each parameter.
    """
    width = max(width, NARROWEST)
    head = ["name", "type", "range", *(["value"] if values is not None else []), "default"]
    rows = [_cells(parameter, values) for parameter in parameters]
    widths = _widths([head, *rows], width)
    lines = _lines([cell.upper() for cell in head], widths)
    for parameter, row in zip(parameters, rows, strict=True):
        lines += _lines(row, widths)
        lines += wrap(
            f"{'(advanced) ' if parameter.advanced else ''}{parameter.description}",
            width,
            initial_indent=_INDENT,
            subsequent_indent=_INDENT,
        )
    return "\n".join(lines)


def to_json(
    parameters: Sequence[Parameter], values: Mapping[str, ParameterValue] | None = None
) -> str:
    """Return a JSON list with one object per parameter, with ``value`` if values are given.

    A bound is null if it is infinite, or if the parameter is not a number; choices are empty if any
    text is allowed.
    """
    return json.dumps([_object(parameter, values) for parameter in parameters], indent=2)


def value_text(value: ParameterValue) -> str:
    """Return a value as in a .set file, but with true and false in lower case."""
    match value:
        case bool():
            return str(value).lower()
        case float():
            return f"{value:.15g}"
        case int():
            return str(value)
        case _:
            return value if len(value) == 1 and value.isalnum() else f'"{value}"'


def _cells(parameter: Parameter, values: Mapping[str, ParameterValue] | None) -> list[str]:
    value = [] if values is None else [value_text(values[parameter.name])]
    default = value_text(parameter.default)
    return [parameter.name, parameter.kind.value, parameter.range_text, *value, default]


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    longest = [max(map(len, column)) for column in zip(*rows, strict=True)]
    facts = [min(cell, _WIDEST_CELL) for cell in longest[1:]]
    room = width - sum(len(_GAP) + cell for cell in facts)
    return [max(min(longest[0], room), 0), *facts]


def _lines(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    name, *facts = cells
    has_own_line = len(name) > widths[0]
    columns = [["" if has_own_line else name]]
    columns += [wrap(cell, size) or [""] for cell, size in zip(facts, widths[1:], strict=True)]
    padded = (
        _GAP.join(part.ljust(size) for part, size in zip(parts, widths, strict=True)).rstrip()
        for parts in zip_longest(*columns, fillvalue="")
    )
    return [*([name] if has_own_line else []), *padded]


def _object(parameter: Parameter, values: Mapping[str, ParameterValue] | None) -> dict[str, object]:
    value = {} if values is None else {"value": values[parameter.name]}
    return {
        "name": parameter.name,
        "type": parameter.kind.value,
        "range": {
            "low": parameter.low,
            "high": parameter.high,
            "choices": list(parameter.choices),
        },
        "default": parameter.default,
        **value,
        "description": parameter.description,
        "advanced": parameter.advanced,
    }
