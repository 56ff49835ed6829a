"""A commercial solver with the protocol of bench; its library is loaded on first use."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import ModuleType

from bench.errors import SolverError
from bench.model.instances.linear_program import LinearProgram
from bench.model.parameters import Catalogue
from bench.model.results.solver_output import SolverOutput
from bench.model.task import Task
from bench.model.workspace import Workspace
from bench.solvers.abilities import Abilities
from bench.solvers.commercial.wheels import SIZE_LIMIT, WHEELS, Wheel


class CommercialSolver:
    """The solver of one wheel, in the interpreter that has it."""

    wheel: Wheel
    name: str
    limit_parameters: Mapping[str, str]
    permutes = False
    counts_cpu_time = False
    preload: str

    @cached_property
    def _adapter(self) -> ModuleType:
        return import_module(self.wheel.adapter)

    @property
    def declaration(self) -> object:
        """The declaration of the solver."""
        return self.wheel.declaration

    def version(self) -> str:
        """Return the version that the solver itself reports."""
        return self.versions()[self.name]

    def versions(self) -> dict[str, str]:
        """Return the versions of the solver and of its Python package."""
        found: dict[str, str] = self._adapter.versions()
        return found

    def parameters(self) -> Catalogue:
        """Return the parameters that the solver lists."""
        found: Catalogue = self._adapter.catalogue()
        return found

    def abilities(self) -> Abilities:
        """Return the features of this version."""
        return Abilities(
            formats=("lp", "mps"),
            clocks=("wall",),
            permutes=False,
            seed=self.wheel.has_seed,
            threads=True,
            bounds_over_time=True,
            integral=True,
            deterministic_time=False,
            n_parameters=len(self.parameters()),
            size_limit=SIZE_LIMIT,
        )

    def inspect(self, path: Path) -> SolverOutput:
        """Return statistics of the problem in a file, without solving it."""
        from bench.solvers.commercial import solving  # noqa: PLC0415 - as the adapters

        return solving.inspect(self._adapter, path)

    def read(self, path: Path) -> LinearProgram:
        """Refuse: commercial solvers do not check solutions of other solvers."""
        raise SolverError(
            f"{self.wheel.declaration.title} cannot read instances for other solvers: {path.name}"
        )

    def solve(self, task: Task, workspace: Workspace) -> SolverOutput:
        """Read the instance, solve it within the limits, and return the solver output."""
        from bench.solvers.commercial import solving  # noqa: PLC0415 - as the adapters

        return solving.solve(self._adapter, task, workspace)


def _named(solver: str) -> type[CommercialSolver]:
    wheel = WHEELS[solver]
    attributes = {
        "__doc__": f"{wheel.declaration.title} through {wheel.module}.",
        "wheel": wheel,
        "name": solver,
        "limit_parameters": wheel.limit_parameters,
        "preload": wheel.adapter,
    }
    return type(wheel.declaration.title, (CommercialSolver,), attributes)


Gurobi, Xpress, Cplex, Copt = (_named(name) for name in ("gurobi", "xpress", "cplex", "copt"))
