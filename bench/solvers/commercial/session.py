"""The interface (port) of commercial solvers: one session solves one instance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.model.instances.problem import ProblemStatistics
from bench.model.limits import Limits
from bench.model.setting import ParameterValue
from bench.solvers.commercial.watch import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """The final claims of a solver; ``status`` is SCIP's word. Unknown values are None."""

    status: str
    primal_bound: float | None = None
    dual_bound: float | None = None
    n_nodes: int | None = None
    n_lp_iterations: int | None = None
    n_solutions: int | None = None


class Session(Protocol):
    """One instance in one solver.

    Every method may raise any exception of the library; `reason` explains it.
    """

    def limits(self, limits: Limits, seed: int) -> Mapping[str, ParameterValue]:
        """Return limits and seed by the solver's own parameters; one thread by default."""
        ...

    def get(self, name: str) -> ParameterValue:
        """Return the value of a parameter."""
        ...

    def set(self, name: str, value: ParameterValue) -> None:
        """Set a parameter."""
        ...

    def read(self, path: Path) -> ProblemStatistics:
        """Read a problem file."""
        ...

    def names(self) -> Sequence[str]:
        """Return the names of all columns."""
        ...

    def start(self, values: Mapping[str, float]) -> None:
        """Set these values of all columns as the start solution."""
        ...

    def solve(self, watch: Watch) -> Claims:
        """Solve; pass all bounds to the watch, and stop on its request."""
        ...

    def interrupt(self) -> None:
        """Stop a solve from another thread."""
        ...

    def values(self) -> Sequence[float]:
        """Return the values of all columns in the best solution."""
        ...
