"""Merge limits from options and from equivalent solver parameters."""

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
"""The names of limits in options and sweep files, and their fields of Limits."""

THREADS = "threads"
"""The field of Limits for threads, and its name."""

OPTIONS = {field: key for key, field in LIMITS.items()}
"""The names of limits by their fields of Limits."""


def merged(
    options: Mapping[str, Any],
    params: Mapping[str, ParameterValue],
    limit_parameters: Mapping[str, str],
) -> Limits:
    """Return the effective limits: options override parameters, which override defaults.

    ``options`` has each field of Limits, None if not given. ``limit_parameters`` maps solver
    parameters to fields. Raise UsageError if both are given with different values.
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
                f"{OPTIONS[name]}={given[name]:g}"
            )
        given[name] = value
    return dataclasses.replace(Limits(), **given)


def default_gap(
    catalogue: Mapping[str, Parameter], limit_parameters: Mapping[str, str]
) -> float | None:
    """Return the relative gap at which a solver stops by default; None if it is unknown."""
    for parameter, name in limit_parameters.items():
        if name == "gap" and parameter in catalogue:
            return float(catalogue[parameter].default)
    return None


def _check_threads(what: str, name: str, value: Any) -> None:
    """Raise UsageError for a number of threads that lets the solver choose."""
    if name == THREADS and value < 1:
        raise UsageError(f"{what} = {value}: give the number of threads, from 1 on")


def _check(given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        _check_threads(OPTIONS[name], name, value)
        if isinstance(value, int | float) and not 0 <= value < float("inf"):
            raise UsageError(f"{OPTIONS[name]} = {value}: a limit must be a number of at least 0")
