"""Solvers by name: those of this package and those that others register as entry points."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import cast

from bench.errors import SolverError
from bench.plugins import Registry
from bench.solvers.declaration import Declaration
from bench.solvers.protocol import Solver

BUILT_IN = {
    "highs": "bench.solvers.highs.solver:Highs",
    "scip": "bench.solvers.scip.solver:Scip",
    "fake": "bench.solvers.fake:Fake",
}
"""In the order in which they are asked to check others; those of other packages come after."""
DECLARED = {"highs": "bench.solvers.highs.declaration", "scip": "bench.solvers.scip.declaration"}
"""Modules with the DECLARATION of a solver whose library takes long to load."""
_SOLVERS = Registry("solver", "bench.solvers", BUILT_IN, SolverError)


def names() -> list[str]:
    """Return the names of all solvers, sorted."""
    return sorted(_SOLVERS.names())


def by_preference() -> Iterator[str]:
    """Yield the names of all solvers in the order in which they are asked to check others."""
    return _SOLVERS.names()


def load(name: str) -> Solver:
    """Return a new solver object.

    Raise UsageError for an unknown name, SolverError where the solver's library is missing.
    """
    return cast("Solver", _SOLVERS.load(name)())


def declaration(name: str) -> Declaration:
    """Return what a solver declares.

    One that declares nothing, cannot be loaded or is unknown is a code base of its own that reads
    nothing.
    """
    if name in DECLARED:
        return cast("Declaration", import_module(DECLARED[name]).DECLARATION)
    try:
        declared = getattr(load(name), "declaration", None)
    except Exception:  # noqa: BLE001  a plug-in that nobody asked for must not cost a result
        declared = None
    if isinstance(declared, Declaration):
        return declared
    return Declaration(code_base=name, title=name)
