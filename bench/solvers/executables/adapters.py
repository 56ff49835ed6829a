"""The kinds of executables, by the name for ``--like``: ours, and those of other packages.

Other packages register the ADAPTER of a module as an entry point ``bench.executables``.
"""

from __future__ import annotations

from bench.errors import SolverError, UsageError
from bench.model.solver_name import SIGN, family
from bench.plugins import Registry
from bench.solvers.commercial.wheels import WHEELS
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

    Raise UsageError for an unknown name, SolverError if it cannot be loaded or is not an adapter.
    """
    found = _KINDS.load(like)
    if not isinstance(found, Adapter):
        raise SolverError(f"kind of executable {like!r}: {_KINDS.target(like)} is not an Adapter")
    if not found.dialects and not found.declaration.read_by:
        raise SolverError(f"kind of executable {like!r}: it declares no dialects, and no read_by")
    if found.declaration.takes_start != (found.start_text is not None):
        raise SolverError(
            f"kind of executable {like!r}: its declaration has takes_start="
            f"{found.declaration.takes_start}, which does not agree with its start_text"
        )
    return found


def check_kind(name: str, like: str) -> None:
    """Raise UsageError if a solver has the name of another solver than it is, or of its version."""
    claimed = family(name)
    if claimed != like and (is_kind(claimed) or claimed in WHEELS):
        what = "another kind of executable" if is_kind(claimed) else "a commercial solver"
        which = "a version of " if SIGN in name else ""
        raise UsageError(f"{name!r} is the name of {which}{what}; choose another one")
