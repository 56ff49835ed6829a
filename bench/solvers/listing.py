"""List all solvers with their versions and features."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.errors import BenchError
from bench.solvers import registry
from bench.solvers.abilities import Abilities, abilities_of
from bench.solvers.environments.solver import EnvironmentSolver
from bench.solvers.executables.solver import ExecutableSolver


@dataclass(frozen=True, slots=True, kw_only=True)
class SolverRow:
    """A solver: its name, the version it reports, its origin, its features.

    ``problem`` is the reason why it cannot be used, empty if it can.
    """

    name: str
    version: str = ""
    python_version: str = ""
    source: str = ""
    abilities: Abilities = field(default_factory=Abilities)
    problem: str = ""


def list_solvers() -> Iterator[SolverRow]:
    """Yield all solvers by name."""
    for name in registry.names():
        try:
            yield _row(name)
        except BenchError as error:
            yield SolverRow(name=name, problem=str(error))
        except Exception as error:  # noqa: BLE001 - a solver of another package may raise anything
            yield SolverRow(name=name, problem=f"{type(error).__name__}: {error}")


def _row(name: str) -> SolverRow:
    solver = registry.load(name)
    version, python, source = solver.version(), sys.version.split()[0], "beside bench"
    problem = ""
    if isinstance(solver, EnvironmentSolver):
        environment = solver.environment
        python, source = environment.description.python_version, str(environment.python)
        if environment.is_made:
            source = f"{environment.source}: {environment.requirement}"
        problem = solver.problem()
    if isinstance(solver, ExecutableSolver):
        python, source = "", str(solver.executable.path)
    return SolverRow(
        name=name,
        version=version,
        python_version=python,
        source=source,
        abilities=abilities_of(solver),
        problem=problem,
    )
