"""Queries that bench executes in the other interpreter, one per process.

The process reads one query as JSON and writes one reply. All other output is the solver's.
"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench.errors import BenchError, SolverError
from bench.model.plain_data import from_plain, to_plain
from bench.model.task import Task
from bench.model.workspace import Workspace
from bench.solvers import registry
from bench.solvers.abilities import Abilities, abilities_of
from bench.solvers.commercial.wheels import WHEELS
from bench.solvers.environments.environment import Description

LIBRARIES = {
    "scip": "pyscipopt",
    "highs": "highspy",
    **{name: wheel.module for name, wheel in WHEELS.items()},
}
"""The Python module of each solver."""


def main() -> None:
    """Execute the query on standard input."""
    order = json.loads(sys.stdin.read())
    try:
        reply = {"value": to_plain(ACTIONS[order["action"]](**order["arguments"]))}
    except BenchError as error:
        reply = {"error": type(error).__name__, "message": str(error)}
    except Exception as error:  # noqa: BLE001  a library may raise anything when it is loaded
        reply = {"error": "SolverError", "message": f"{type(error).__name__}: {error}"}
    half = Path(order["reply"] + ".half")
    half.write_text(json.dumps(reply), encoding="utf-8")
    half.rename(order["reply"])


def solvers() -> list[str]:
    """Return the solvers whose library this interpreter has."""
    return [solver for solver, module in LIBRARIES.items() if find_spec(module) is not None]


def describe(solver: str, *, with_abilities: bool = True) -> Description:
    """Return the description of this interpreter's solver.

    Some solvers must be started in this process to determine their features.
    """
    if find_spec(LIBRARIES[solver]) is None:
        raise SolverError(f"{sys.executable} has no module {LIBRARIES[solver]!r}")
    loaded = registry.load(solver)
    module = sys.modules.get(LIBRARIES[solver]) or import_module(LIBRARIES[solver])
    versions = _versions(solver, loaded)
    return Description(
        solver=solver,
        version=versions[solver],
        versions=versions,
        python_version=platform.python_version(),
        module_file=Path(module.__file__ or ""),
        limit_parameters=loaded.limit_parameters,
        counts_cpu_time=getattr(loaded, "counts_cpu_time", True),
        abilities=abilities_of(loaded) if with_abilities else Abilities(),
    )


def _versions(solver: str, loaded: Any) -> dict[str, str]:
    """Return the versions of a solver's parts, from its class or from the module that solves."""
    of = loaded if solver in WHEELS else import_module(f"bench.solvers.{solver}.solving")
    found: dict[str, str] = of.versions()
    return found


def _catalogue(solver: str) -> list[Any]:
    return list(registry.load(solver).parameters().values())


def _inspect(solver: str, path: str) -> Any:
    return registry.load(solver).inspect(Path(path))


def _read(solver: str, path: str) -> Any:
    return registry.load(solver).read(Path(path))


def _solve(solver: str, task: Mapping[str, Any], folder: str) -> Any:
    return registry.load(solver).solve(from_plain(Task, task), Workspace(Path(folder)))


ACTIONS: Mapping[str, Callable[..., Any]] = {
    "solvers": solvers,
    "describe": describe,
    "catalogue": _catalogue,
    "inspect": _inspect,
    "read": _read,
    "solve": _solve,
}
