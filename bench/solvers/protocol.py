"""The interface (port) of solvers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from bench.model.instances.linear_program import LinearProgram
from bench.model.parameters import Catalogue
from bench.model.results.solver_output import SolverOutput
from bench.model.task import Task
from bench.model.workspace import Workspace


class Solver(Protocol):
    """One object serves one task, in its own process, which may crash.

    It may also have a ``declaration`` (`bench.solvers.declaration`) of its code base and of the
    formats that it reads to check others, and ``emphases()``: the parameters of each of its
    published settings, by a name GROUP-LEVEL (`bench.solvers.scip.emphases`).
    """

    name: str
    limit_parameters: Mapping[str, str]
    """Maps the solver's own parameters to fields of Limits.

    A solver without one for ``threads`` solves with one thread.
    """
    permutes: bool
    """Whether it can solve permutations of an instance."""
    counts_cpu_time: bool
    """Whether its time limit can count CPU time; the default is yes."""
    has_seed: bool
    """Whether its search depends on a random seed; the default is yes."""
    preload: str
    """The module that the fork server loads once for all tasks."""

    def version(self) -> str:
        """Return the version for task keys, e.g. ``10.0.2``."""
        ...

    def parameters(self) -> Catalogue:
        """Return every parameter that can be set, with its type, range and default."""
        ...

    def inspect(self, path: Path) -> SolverOutput:
        """Return statistics of the problem in a file, without solving it.

        Raise InstanceError as :meth:`solve` does.
        """
        ...

    def read(self, path: Path) -> LinearProgram:
        """Read a problem file into plain numbers, without solving it.

        Names are those of the file; parts that a linear program cannot represent are named in
        ``beyond``. Raise InstanceError as :meth:`solve` does, and if two columns share a name.
        """
        ...

    def solve(self, task: Task, workspace: Workspace) -> SolverOutput:
        """Read the instance, solve it within the limits, and return the solver output.

        ``workspace.solving`` is touched when reading is finished: the time limit counts from there.
        A file that cannot be used raises InstanceError with the solver's reason. On SIGINT the
        solve ends early with the bounds known so far.
        """
        ...
