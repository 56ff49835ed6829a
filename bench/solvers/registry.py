"""Solvers by name: of this package, of other packages, in other environments, and executables.

Other packages register theirs as entry points. Code for executables is imported only if there is
one, which saves 10 ms in each short command and in the fork server.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

from bench.errors import SolverError, UsageError
from bench.model.solver_name import SIGN, family
from bench.plugins import Registry
from bench.solvers.commercial.wheels import WHEELS
from bench.solvers.declaration import Declaration
from bench.solvers.environments import environment as environments
from bench.solvers.environments.environment import Environment
from bench.solvers.environments.solver import EnvironmentSolver
from bench.solvers.executables import record as executables
from bench.solvers.executables.record import Executable
from bench.solvers.plug_in import plug_in
from bench.solvers.protocol import Solver

if TYPE_CHECKING:
    from bench.solvers.executables.solver import ExecutableSolver

BUILT_IN = {
    "highs": "bench.solvers.highs.solver:Highs",
    "scip": "bench.solvers.scip.solver:Scip",
    "fake": "bench.solvers.fake:Fake",
}
"""In their order as checkers of other solvers; those of other packages come after."""
DECLARED = {"highs": "bench.solvers.highs.declaration", "scip": "bench.solvers.scip.declaration"}
"""Modules with the DECLARATION of a solver whose library is slow to load."""
COMMERCIAL = {
    name: f"bench.solvers.commercial.solver:{wheel.class_name}" for name, wheel in WHEELS.items()
}
"""Commercial solvers, which are available where their wheels are installed."""
_COMMERCIAL = Registry("solver", "bench.solvers", COMMERCIAL, SolverError)
_SOLVERS = Registry("solver", "bench.solvers", BUILT_IN, SolverError)


def names() -> list[str]:
    """Return the names of all solvers, sorted."""
    return sorted({*_SOLVERS.names(), *filter(is_here, COMMERCIAL), *_added()})


def by_preference() -> Iterator[str]:
    """Yield the names of all solvers in their order as checkers of other solvers."""
    return _SOLVERS.names()


def load(name: str) -> Solver:
    """Return a new solver object.

    Raise UsageError for an unknown name, SolverError if the solver's library or executable is
    missing.
    """
    if is_here(name) and name in COMMERCIAL:
        return cast("Solver", _COMMERCIAL.load(name)())
    if (found := environment(name)) is not None:
        kind = (_COMMERCIAL if found.description.solver in COMMERCIAL else _SOLVERS).load(
            found.description.solver
        )
        return EnvironmentSolver(found, kind.limit_parameters)
    if (program := executable(name)) is not None:
        from bench.solvers.executables.add import refreshed  # noqa: PLC0415 - see above

        return executable_solver(refreshed(program))
    if SIGN in name or name in COMMERCIAL or (name not in BUILT_IN and _is_kind(name)):
        raise UsageError(_missing(name))
    make = _SOLVERS.load(name, _others)
    is_ours = str(getattr(make, "__module__", "")).startswith("bench.")
    return cast("Solver", make()) if is_ours else plug_in(name, make)


def executable_solver(program: Executable) -> ExecutableSolver:
    """Return the solver of an executable, with the reader of the files it does not read itself.

    That is the solver its kind declares, the one of its own code base if bench has it, or SCIP.
    """
    from bench.solvers.executables.adapters import adapter  # noqa: PLC0415 - see above
    from bench.solvers.executables.solver import ExecutableSolver  # noqa: PLC0415

    declared = adapter(program.like).declaration
    own = declared.code_base if declared.code_base in BUILT_IN else "scip"
    return ExecutableSolver(program, lambda: load(declared.read_by or own))


def _is_kind(name: str) -> bool:
    from bench.solvers.executables.adapters import is_kind  # noqa: PLC0415 - see above

    return is_kind(name)


def environment(name: str) -> Environment | None:
    """Return the environment of a solver, None for one in bench's own or an unknown name."""
    return None if is_here(name) else environments.find(name)


def is_here(name: str) -> bool:
    """Return whether a solver of this package is available in this interpreter by its name.

    A commercial one is where its wheel is installed: in bench's environment, or in another one.
    """
    return name in BUILT_IN or (name in WHEELS and find_spec(WHEELS[name].module) is not None)


def executable(name: str) -> Executable | None:
    """Return the executable of a solver, None for any other or an unknown name."""
    return None if name in BUILT_IN else executables.find(name)


def _added() -> list[str]:
    return [*environments.names(), *executables.names()]


def _others() -> list[str]:
    """Return other names that may have been meant, besides those of plug-ins."""
    from bench.solvers.executables.adapters import kinds  # noqa: PLC0415 - see above

    return [*_added(), *kinds(), *COMMERCIAL]


def _missing(name: str) -> str:
    """Return the next step for a missing version or executable."""
    from bench.solvers.environments.packages import add_command  # noqa: PLC0415 - rarely needed

    near = difflib.get_close_matches(name, _added(), n=1, cutoff=0.8)
    hint = f" (or did you mean {near[0]!r}?)" if near else ""
    return f"solver {name!r} is not installed; add it with: {add_command(name)}{hint}"


def declaration(name: str) -> Declaration:
    """Return the declaration of a solver.

    A version has the declaration of its family, installed or not. A solver without one, or that
    cannot be loaded or is unknown, is a code base of its own that reads nothing.
    """
    if name in DECLARED:
        return cast("Declaration", import_module(DECLARED[name]).DECLARATION)
    if name in WHEELS:
        return WHEELS[name].declaration
    try:
        declared = None if name in BUILT_IN else _declaration_of_added(name)
        declared = declared or getattr(load(name), "declaration", None)
    except Exception:  # noqa: BLE001  a plug-in that nobody asked for must not cost a result
        declared = None
    if isinstance(declared, Declaration):
        return declared
    return Declaration(code_base=name, title=name)


def _declaration_of_added(name: str) -> Declaration | None:
    """Return the declaration of a version or executable, added or not; None for a plug-in."""
    from bench.solvers.executables.adapters import adapter, is_kind  # noqa: PLC0415 - see above

    found = environment(name)
    if found is not None:
        return replace(declaration(found.description.solver), title=name)
    program = executable(name)
    if program is not None:
        return replace(adapter(program.like).declaration, title=name)
    if is_kind(name):
        return adapter(name).declaration
    return replace(declaration(family(name)), title=name) if SIGN in name else None
