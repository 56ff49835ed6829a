"""A solver in another environment, with the same protocol as all solvers.

Its description is that of its interpreter when it was added; an environment of the user is queried
again, because it may have changed. A single call (to read a file, or to solve without isolation) is
a process of the other interpreter; the tasks of campaigns are executed by its worker
(`bench.execution.process.fork_servers.workers`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from bench.errors import SolverError
from bench.model.instances.linear_program import LinearProgram
from bench.model.parameters import Catalogue, Parameter
from bench.model.plain_data import from_plain, to_plain
from bench.model.results.solver_output import SolverOutput
from bench.model.task import Task
from bench.model.workspace import Workspace
from bench.solvers.abilities import Abilities
from bench.solvers.environments.environment import Description, Environment, again, update
from bench.solvers.environments.interpreter import call_in, gone


class EnvironmentSolver:
    """The solver of an environment."""

    preload = "bench.solvers.environments"
    limit_parameters: Mapping[str, str]
    counts_cpu_time: bool
    has_seed: bool
    permutes: bool

    def __init__(self, environment: Environment, limit_parameters: Mapping[str, str]) -> None:
        """Query nothing yet, except the interpreter of a user for its present solver.

        ``limit_parameters`` are those of the class that calls the solver there.
        """
        self.environment = environment
        self.name = environment.name
        if not environment.is_made:
            self.environment = replace(environment, description=described(environment))
            if self.environment != environment:
                update(self.environment)
        description = self.environment.description
        self.limit_parameters = limit_parameters
        self.counts_cpu_time = description.counts_cpu_time
        self.has_seed = description.abilities.seed is not False
        self.permutes = bool(description.abilities.permutes)

    def version(self) -> str:
        """Return the version that the solver itself reports."""
        return self.environment.description.version

    def parameters(self) -> Catalogue:
        """Return the catalogue of this version."""
        return self._catalogue

    @cached_property
    def _catalogue(self) -> Catalogue:
        if self.environment.is_made:
            return self.environment.catalogue()
        found = call_in(self.environment, "catalogue")
        return Catalogue(from_plain(Parameter, each) for each in found)

    def abilities(self) -> Abilities:
        """Return the features of this version."""
        return self.environment.description.abilities

    def problem(self) -> str:
        """Return why it cannot be used now; empty if it can."""
        return "" if self.environment.python.exists() else gone(self.environment)

    def inspect(self, path: Path) -> SolverOutput:
        """Return statistics of the problem in a file, without solving it."""
        return from_plain(SolverOutput, call_in(self.environment, "inspect", path=str(path)))

    def read(self, path: Path) -> LinearProgram:
        """Read a problem file into plain numbers, without solving it."""
        return from_plain(LinearProgram, call_in(self.environment, "read", path=str(path)))

    def solve(self, task: Task, workspace: Workspace) -> SolverOutput:
        """Solve in a process of the other interpreter, without limits from outside."""
        found = call_in(
            self.environment,
            "solve",
            task=to_plain(inside(task, self.environment)),
            folder=str(workspace.folder.absolute()),
        )
        return from_plain(SolverOutput, found)


def inside(task: Task, environment: Environment) -> Task:
    """Return the task with the solver's name in the other interpreter."""
    return replace(task, setting=replace(task.setting, solver=environment.description.solver))


def described(environment: Environment) -> Description:
    """Return the present description of the solver by the environment's interpreter."""
    return from_plain(Description, call_in(environment, "describe"))


def compare(environment: Environment, found: Description, version: str) -> None:
    """Raise SolverError if an interpreter has another solver than expected."""
    known = environment.description
    for what, wanted, got in (
        ("version", version or known.version, found.version),
        ("library", known.module_file, found.module_file),
    ):
        if wanted != got:
            raise SolverError(
                f"{environment.name}: its interpreter has the {what} {got}, not {wanted}; "
                + again(environment)
            )
