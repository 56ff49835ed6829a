"""One set of limits from options and from solver parameters that mean the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from bench.errors import UsageError
from bench.model.limits import Limits
from bench.model.parameters import Parameter
from bench.model.setting import ParameterValue

LIMITS = {
    "time_limit": "time_s",
    "memory_limit": "memory_mib",
    "node_limit": "nodes",
    "gap": "gap",
    "clock": "clock",
    "threads": "threads",
    "grace": "grace_s",
}
"""What limits are called in options and sweep files, and the fields of Limits they are."""

THREADS = "threads"
"""The field of Limits, and what it is called."""

_KEY = {field: key for key, field in LIMITS.items()}


def merged(
    options: Mapping[str, Any],
    params: Mapping[str, ParameterValue],
    limit_parameters: Mapping[str, str],
) -> Limits:
    """Return the limits that hold: defaults, over them the solver's own parameters, the options.

    ``options`` has a field of Limits each, None where not given. ``limit_parameters`` says which
    solver parameter is which field. Given by both with different values: UsageError.
    """
    given = {name: value for name, value in options.items() if value is not None}
    _check(given)
    for parameter, name in limit_parameters.items():
        value = params.get(parameter)
        if value is None:
            continue
        _check_threads(parameter, name, value)
        if name in given and float(given[name]) != float(value):
            raise UsageError(
                f"one limit is given two values: {parameter}={value:g} and "
                f"{_KEY[name]}={given[name]:g}"
            )
        given[name] = value
    return dataclasses.replace(Limits(), **given)


def default_gap(
    catalogue: Mapping[str, Parameter], limit_parameters: Mapping[str, str]
) -> float | None:
    """Return the relative gap at which a solver stops of itself; None where it does not say."""
    for parameter, name in limit_parameters.items():
        if name == "gap" and parameter in catalogue:
            return float(catalogue[parameter].default)
    return None


def _check_threads(what: str, name: str, value: Any) -> None:
    """Raise UsageError for a number of threads that leaves it to the solver how many it takes."""
    if name == THREADS and value < 1:
        raise UsageError(f"{what} = {value}: give the number of threads, from 1 on")


def _check(given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        _check_threads(_KEY[name], name, value)
        if isinstance(value, int | float) and not 0 <= value < float("inf"):
            raise UsageError(f"{_KEY[name]} = {value}: a limit must be a number of at least 0")
