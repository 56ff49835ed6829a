"""SCIP with the protocol of bench; its library is loaded on first use."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path

from bench.model.instances.linear_program import LinearProgram
from bench.model.instances.program_arrays import ProgramArrays
from bench.model.parameters import Catalogue
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verification import Verification
from bench.model.setting import ParameterValue
from bench.model.task import Task
from bench.model.workspace import Workspace
from bench.solvers.abilities import Abilities
from bench.solvers.library_facts import LibraryFacts, library_facts
from bench.solvers.scip.declaration import BUNDLED, DECLARATION, LIMIT_PARAMETERS


class Scip:
    """SCIP through pyscipopt."""

    name = "scip"
    limit_parameters: Mapping[str, str] = LIMIT_PARAMETERS
    permutes = True
    has_seed = True
    counts_cpu_time = True
    preload = "bench.solvers.scip.warm"
    declaration = DECLARATION

    def version(self) -> str:
        """Return SCIP's version, e.g. ``10.0.2``."""
        return _facts().version

    def parameters(self) -> Catalogue:
        """Return SCIP's own catalogue."""
        return _facts().catalogue

    def abilities(self) -> Abilities:
        """Return the features of this version."""
        from bench.solvers.scip.versions import has_number  # noqa: PLC0415 - loads SCIP

        return Abilities(
            formats=tuple(sorted(DECLARATION.formats)),
            clocks=("cpu", "wall"),
            permutes=True,
            seed=True,
            threads=False,
            bounds_over_time=True,
            integral=has_number("getPrimalDualIntegral"),
            deterministic_time=has_number("getDeterministicTime"),
            n_parameters=len(self.parameters()),
        )

    def emphases(self) -> Mapping[str, Mapping[str, ParameterValue]]:
        """Return the parameters of each of SCIP's emphases, by its name."""
        from bench.solvers.scip.emphases import read_emphases  # noqa: PLC0415 - loads SCIP

        return read_emphases()

    def inspect(self, path: Path) -> SolverOutput:
        """Return statistics of the problem in a file, without solving it."""
        from bench.solvers.scip import solving  # noqa: PLC0415 - loads SCIP

        return solving.inspect(path)

    def read(self, path: Path) -> LinearProgram:
        """Read a problem file into plain numbers, without solving it."""
        from bench.solvers.scip import solving  # noqa: PLC0415 - loads SCIP

        return solving.read(path)

    def check(
        self, path: Path, solution: Mapping[str, Fraction], claimed_objective: float | None
    ) -> Verification:
        """Check a solution by SCIP, also for problems beyond linear rows; not independent."""
        from bench.solvers.scip import checking  # noqa: PLC0415 - loads SCIP

        return checking.check(path, solution, claimed_objective)

    def read_arrays(self, path: Path) -> ProgramArrays | None:
        """Read a problem file into arrays; None if only `read` can represent it."""
        from bench.solvers.scip import solving  # noqa: PLC0415 - loads SCIP

        return solving.read_arrays(path)

    def solve(self, task: Task, workspace: Workspace) -> SolverOutput:
        """Read the instance, solve it within the limits, and return the solver output."""
        from bench.solvers.scip import solving  # noqa: PLC0415 - loads SCIP

        return solving.solve(task, workspace)


@cache
def _facts() -> LibraryFacts:
    return library_facts("scip", "pyscipopt", BUNDLED, _read_facts)


def _read_facts() -> LibraryFacts:
    from bench.solvers.scip.catalogue import read_catalogue  # noqa: PLC0415 - loads SCIP
    from bench.solvers.scip.solving import versions  # noqa: PLC0415 - loads SCIP

    return LibraryFacts(versions()["scip"], read_catalogue())
