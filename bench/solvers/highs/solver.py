"""HiGHS with the protocol of bench; its library is loaded on first use."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from bench.model.instances.linear_program import LinearProgram
from bench.model.instances.program_arrays import ProgramArrays
from bench.model.parameters import Catalogue
from bench.model.results.solver_output import SolverOutput
from bench.model.task import Task
from bench.model.workspace import Workspace
from bench.solvers.abilities import Abilities
from bench.solvers.highs.declaration import BUNDLED, DECLARATION, LIMIT_PARAMETERS
from bench.solvers.library_facts import LibraryFacts, library_facts


class Highs:
    """HiGHS through highspy.

    By default it has its own gap limits: stock HiGHS stops at a relative gap of 1e-4, SCIP at 0; in
    a sweep over both, both stop at 0. It supports limits on neither CPU time nor memory: these are
    enforced in its callbacks, which all phases except presolve have.
    """

    name = "highs"
    limit_parameters: Mapping[str, str] = LIMIT_PARAMETERS
    permutes = False
    has_seed = True
    counts_cpu_time = False
    preload = "bench.solvers.highs.warm"
    declaration = DECLARATION

    def version(self) -> str:
        """Return HiGHS's version, e.g. ``1.15.1``."""
        return _facts().version

    def parameters(self) -> Catalogue:
        """Return HiGHS's options."""
        return _facts().catalogue

    def abilities(self) -> Abilities:
        """Return the features of this version; the integral is computed from its callbacks."""
        return Abilities(
            formats=tuple(sorted(DECLARATION.formats)),
            clocks=("wall",),
            permutes=False,
            seed=True,
            threads=True,
            bounds_over_time=True,
            integral=True,
            deterministic_time=False,
            n_parameters=len(self.parameters()),
        )

    def inspect(self, path: Path) -> SolverOutput:
        """Return statistics of the problem in a file, without solving it."""
        from bench.solvers.highs import solving  # noqa: PLC0415 - loads HiGHS

        return solving.inspect(path)

    def read(self, path: Path) -> LinearProgram:
        """Read a problem file into plain numbers, without solving it.

        Also reject duplicate entries, because HiGHS ignores the second.
        """
        from bench.solvers.highs import solving  # noqa: PLC0415 - loads HiGHS

        return solving.read(path)

    def read_arrays(self, path: Path) -> ProgramArrays | None:
        """Read a problem file into arrays; None if only `read` can represent it."""
        from bench.solvers.highs import solving  # noqa: PLC0415 - loads HiGHS

        return solving.read_arrays(path)

    def solve(self, task: Task, workspace: Workspace) -> SolverOutput:
        """Read the instance, solve it within the limits, and return the solver output."""
        from bench.solvers.highs import solving  # noqa: PLC0415 - loads HiGHS

        return solving.solve(task, workspace)


@cache
def _facts() -> LibraryFacts:
    return library_facts("highs", "highspy", BUNDLED, _read_facts)


def _read_facts() -> LibraryFacts:
    from bench.solvers.highs.catalogue import read_catalogue  # noqa: PLC0415 - loads HiGHS
    from bench.solvers.highs.solving import versions  # noqa: PLC0415 - loads HiGHS

    return LibraryFacts(versions()["highs"], read_catalogue())
