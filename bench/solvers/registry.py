"""Solvers by name: those of this package and those that others register as entry points."""

from __future__ import annotations

from typing import cast

from bench.errors import SolverError
from bench.plugins import Registry
from bench.solvers.protocol import Solver

BUILT_IN = {
    "fake": "bench.solvers.fake:Fake",
    "highs": "bench.solvers.highs.solver:Highs",
    "scip": "bench.solvers.scip.solver:Scip",
}
_SOLVERS = Registry("solver", "bench.solvers", BUILT_IN, SolverError)


def names() -> list[str]:
    """Return the names of all solvers, sorted."""
    return sorted(_SOLVERS.names())


def load(name: str) -> Solver:
    """Return a new solver object.

    Raise UsageError for an unknown name, SolverError where the solver's library is missing.
    """
    return cast("Solver", _SOLVERS.load(name)())
