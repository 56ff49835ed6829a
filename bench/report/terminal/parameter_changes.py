"""Changes of parameters between two versions of a solver, for the terminal and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from textwrap import wrap

from bench.model.parameter_changes import Change, ParameterChange
from bench.model.parameters import Catalogue, Parameter
from bench.report.terminal.parameters import value_text

INDENT = "    "


def is_shown(change: ParameterChange, pattern: str, advanced: bool | None) -> bool:
    """Return whether a change matches a pattern of names and the choice of advanced parameters."""
    sides = [side for side in (change.before, change.after) if side is not None]
    by_kind = advanced is None or any(side.advanced is advanced for side in sides)
    return by_kind and bool(Catalogue(sides).matching(pattern))


def changes_table(changes: Sequence[ParameterChange], width: int) -> str:
    """Return a line for the change of each parameter, and its description below."""
    lines = []
    for change in changes:
        lines.append(f"{change.name}: {'; '.join(_told(change))}")
        described = change.after or change.before
        if described is not None:
            lines += wrap(
                described.description, width, initial_indent=INDENT, subsequent_indent=INDENT
            )
    return "\n".join(lines)


def changes_to_json(changes: Sequence[ParameterChange]) -> str:
    """Return a JSON list with an object per parameter; missing values are null."""
    return json.dumps(
        [
            {
                "name": change.name,
                "changes": [kind.value for kind in change.changes],
                "before": _object(change.before),
                "after": _object(change.after),
            }
            for change in changes
        ],
        indent=2,
    )


def _told(change: ParameterChange) -> list[str]:
    old, new = change.before, change.after
    if old is None or new is None:
        there = old or new
        word = change.changes[0].value
        return [word if there is None else f"{word}, {there.kind} {there.range_text}, {_is(there)}"]
    told = {
        Change.KIND: f"type {old.kind} -> {new.kind}",
        Change.DEFAULT: f"default {value_text(old.default)} -> {value_text(new.default)}",
        Change.RANGE: f"range {old.range_text} -> {new.range_text}",
    }
    return [told[kind] for kind in change.changes]


def _is(parameter: Parameter) -> str:
    return f"default {value_text(parameter.default)}"


def _object(parameter: Parameter | None) -> dict[str, object] | None:
    if parameter is None:
        return None
    return {
        "type": parameter.kind.value,
        "default": parameter.default,
        "low": parameter.low,
        "high": parameter.high,
        "choices": list(parameter.choices),
        "description": parameter.description,
    }
