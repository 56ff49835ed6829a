"""Emphases: parameters that a solver's developers have published together, chosen by a name."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import TypeAlias

from bench.errors import UsageError
from bench.model.included import NONE
from bench.model.setting import ParameterValue

EMPHASIS = "emphasis"
"""The name of emphases among the values of a matrix."""
JOINED = "+"

Emphases: TypeAlias = Mapping[str, Mapping[str, ParameterValue]]
"""The parameters of each emphasis, by a name GROUP-LEVEL; the GROUP ``emphasis`` can be omitted."""


def emphases_of(solver: object) -> Emphases:
    """Return the emphases of a solver; most have none."""
    found: Callable[[], Emphases] = getattr(solver, "emphases", dict)
    return found()


def parameters_of(text: str, known: Emphases, solver: str) -> dict[str, ParameterValue]:
    """Return the parameters of ``none``, of an emphasis, or of several that are joined by ``+``.

    Where two set the same parameter, the later one counts, as in SCIP's shell. Raise UsageError if
    the solver has no such emphasis, or for two of one group.
    """
    if text == NONE:
        return {}
    if not known:
        raise UsageError(f"emphasis {text!r}: solver {solver!r} has no emphases")
    params: dict[str, ParameterValue] = {}
    groups: dict[str, str] = {}
    for part in text.split(JOINED):
        name = part if part in known else f"{EMPHASIS}-{part}"
        if name not in known:
            near = difflib.get_close_matches(part, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
            raise UsageError(f"unknown emphasis {part!r} of solver {solver!r}; {hint}")
        group = name.partition("-")[0]
        if group in groups:
            raise UsageError(f"emphases {groups[group]} and {name} exclude each other; keep one")
        groups[group] = name
        params |= known[name]
    return params
