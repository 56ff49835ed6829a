"""The kinds of executables, by the name that ``--like`` takes: ours, and those of other packages.

Other packages register the ADAPTER of a module as an entry point ``bench.executables``.
"""

from __future__ import annotations

from bench.errors import SolverError, UsageError
from bench.plugins import Registry
from bench.solvers.executables.adapter import Adapter

BUILT_IN = {
    name: f"bench.solvers.executables.{name}:ADAPTER" for name in ("cbc", "glpk", "highs", "scip")
}
_KINDS = Registry("kind of executable", "bench.executables", BUILT_IN, SolverError)


def kinds() -> list[str]:
    """Return the names of all kinds."""
    return list(_KINDS.names())


def is_kind(name: str) -> bool:
    """Whether there is a kind of this name."""
    return name in kinds()


def adapter(like: str) -> Adapter:
    """Return an adapter.

    Raise UsageError for an unknown name, SolverError where it cannot be loaded or is none.
    """
    found = _KINDS.load(like)
    if not isinstance(found, Adapter):
        raise SolverError(f"kind of executable {like!r}: {_KINDS.target(like)} is no Adapter")
    if not found.dialects and not found.declaration.read_by:
        raise SolverError(f"kind of executable {like!r}: it declares no dialects, and no read_by")
    return found


def check_kind(name: str, like: str) -> None:
    """Raise UsageError where a solver is called by the name of another kind than its own."""
    if name != like and is_kind(name):
        raise UsageError(f"{name!r} is the name of another kind of executable; choose another one")
