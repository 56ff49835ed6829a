"""Solvers of other packages, whose own errors become ours: one line that names the solver."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from bench.errors import BenchError, SolverError
from bench.model.parameters import Catalogue
from bench.model.printable import checked_name
from bench.solvers.protocol import Solver

T = TypeVar("T")


def plug_in(name: str, make: Any) -> Solver:
    """Return a new solver object of another package; SolverError where it cannot be used.

    What it is asked before tasks are executed raises nothing but errors of ours.
    """
    kind = _guarded(name, make) if isinstance(make, type) else make
    solver = _asked(name, "making it", kind)
    if not isinstance(getattr(solver, "preload", None), str):
        raise SolverError(f"solver {name!r} cannot be used: its preload is no name of a module")
    return cast("Solver", solver)


def _guarded(name: str, kind: type) -> type:
    """Return a subclass whose answers are checked."""

    def version(self: Any) -> str:
        found = _asked(name, "its version", lambda: super(guarded, self).version())
        if not isinstance(found, str) or not found:
            raise SolverError(f"solver {name!r} cannot be used: its version is {found!r}, no text")
        return checked_name(found, f"version of solver {name!r}:")

    def parameters(self: Any) -> Catalogue:
        found = _asked(name, "its parameters", lambda: super(guarded, self).parameters())
        if not isinstance(found, Catalogue):
            is_what = type(found).__name__
            raise SolverError(
                f"solver {name!r} cannot be used: its parameters are a {is_what}, no Catalogue"
            )
        return found

    guards = {"version": version, "parameters": parameters, "__module__": kind.__module__}
    guarded: Any = type(kind.__name__, (kind,), guards)
    return cast("type", guarded)


def _asked(name: str, what: str, ask: Callable[[], T]) -> T:
    """Return the answer; SolverError for any other error than one of ours."""
    try:
        return ask()
    except BenchError:
        raise
    except (Exception, SystemExit) as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise SolverError(f"solver {name!r} cannot be used: {what}: {reason}") from error
