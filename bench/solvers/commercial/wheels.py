"""Facts about each commercial solver that are known without its library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.solvers.declaration import Declaration

SIZE_LIMIT = "problems that its licence allows (a small size with the licence in the wheel)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A solver in a Python package.

    ``module`` is imported, ``package`` is installed. ``limit_parameters`` maps the solver's
    parameters to fields of Limits.
    """

    module: str
    package: str
    declaration: Declaration
    limit_parameters: Mapping[str, str]
    has_seed: bool = True

    @property
    def class_name(self) -> str:
        """The class in `bench.solvers.commercial.solver`."""
        return self.declaration.code_base.capitalize()

    @property
    def adapter(self) -> str:
        """The module of bench that calls it."""
        return f"bench.solvers.commercial.{self.declaration.code_base}"


def _wheel(  # noqa: PLR0913, PLR0917 - a column each
    name: str, title: str, module: str, time: str, nodes: str, gap: str, threads: str
) -> Wheel:
    return Wheel(
        module=module,
        package=module,
        declaration=Declaration(code_base=name, title=title, package=module, takes_start=True),
        limit_parameters={time: "time_s", nodes: "nodes", gap: "gap", threads: "threads"},
        has_seed=name != "copt",
    )


WHEELS = {
    wheel.declaration.code_base: wheel
    for wheel in (
        _wheel("gurobi", "Gurobi", "gurobipy", "TimeLimit", "NodeLimit", "MIPGap", "Threads"),
        _wheel("xpress", "Xpress", "xpress", "timelimit", "maxnode", "miprelstop", "threads"),
        _wheel(
            *("cplex", "CPLEX", "cplex", "timelimit", "mip.limits.nodes"),
            *("mip.tolerances.mipgap", "threads"),
        ),
        _wheel("copt", "COPT", "coptpy", "TimeLimit", "NodeLimit", "RelGap", "Threads"),
    )
}
"""Commercial solvers by name."""
