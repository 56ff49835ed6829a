"""Solvers by name: those of this package and those that others register as entry points."""

from __future__ import annotations

import difflib
from importlib import import_module
from importlib.metadata import entry_points
from typing import cast

from bench.errors import SolverError, UsageError
from bench.solvers.protocol import Solver

GROUP = "bench.solvers"
BUILT_IN = {
    "fake": "bench.solvers.fake:Fake",
    "highs": "bench.solvers.highs.solver:Highs",
    "scip": "bench.solvers.scip.solver:Scip",
}


def names() -> list[str]:
    """Return the names of all solvers, sorted."""
    return sorted(BUILT_IN.keys() | {point.name for point in entry_points(group=GROUP)})


def load(name: str) -> Solver:
    """Return a new solver object.

    Raise UsageError for an unknown name, SolverError where the solver's library is missing.
    """
    target = BUILT_IN.get(name) or _registered(name)
    if target is None:
        near = difflib.get_close_matches(name, names(), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(names())}"
        raise UsageError(f"unknown solver {name!r}{hint}")
    module, _, attribute = target.partition(":")
    try:
        return cast("Solver", getattr(import_module(module), attribute)())
    except ImportError as error:
        raise SolverError(f"solver {name!r} cannot be loaded: {error}") from error


def _registered(name: str) -> str | None:
    return next((point.value for point in entry_points(group=GROUP) if point.name == name), None)
