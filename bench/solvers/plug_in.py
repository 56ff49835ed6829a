"""Solvers of other packages, whose errors are converted: one line that names the solver."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from bench.errors import BenchError, SolverError
from bench.model.parameters import Catalogue
from bench.model.printable import checked_name
from bench.solvers.protocol import Solver

T = TypeVar("T")


def plug_in(name: str, make: Any) -> Solver:
    """Return a new solver object of another package; SolverError if it cannot be used.

    All methods that are called before tasks are executed raise only errors of bench.
    """
    kind = _guarded(name, make) if isinstance(make, type) else make
    solver = _asked(name, "making it", kind)
    if not isinstance(getattr(solver, "preload", None), str):
        raise SolverError(
            f"solver {name!r} cannot be used: its preload is not the name of a module"
        )
    return cast("Solver", solver)


def _guarded(name: str, kind: type) -> type:
    """Return a subclass whose results are checked."""

    def version(self: Any) -> str:
        found = _asked(name, "its version", lambda: super(guarded, self).version())
        if not isinstance(found, str) or not found:
            raise SolverError(
                f"solver {name!r} cannot be used: its version is {found!r}, expected a text"
            )
        return checked_name(found, f"version of solver {name!r}:")

    def parameters(self: Any) -> Catalogue:
        found = _asked(name, "its parameters", lambda: super(guarded, self).parameters())
        if not isinstance(found, Catalogue):
            is_what = type(found).__name__
            raise SolverError(
                f"solver {name!r} cannot be used: "
                f"its parameters are a {is_what}, expected a Catalogue"
            )
        return found

    guards = {"version": version, "parameters": parameters, "__module__": kind.__module__}
    guarded: Any = type(kind.__name__, (kind,), guards)
    return cast("type", guarded)


def _asked(name: str, what: str, ask: Callable[[], T]) -> T:
    """Return the result; SolverError for any error that is not of bench."""
    try:
        return ask()
    except BenchError:
        raise
    except (Exception, SystemExit) as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise SolverError(f"solver {name!r} cannot be used: {what}: {reason}") from error
