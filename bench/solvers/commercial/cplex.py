"""CPLEX through cplex.

Observed with 22.2: a solve ends with its bounds when its aborter requests it, and a model above the
size of the community edition raises error 1016.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import cplex as library
from cplex.callbacks import MIPInfoCallback
from cplex.exceptions import CplexError, CplexSolverError

from bench.model.instances.problem import ProblemStatistics, Sense
from bench.model.limits import Limits
from bench.model.parameters import Catalogue, Parameter, ParameterKind
from bench.model.setting import ParameterValue
from bench.solvers.commercial.session import Claims
from bench.solvers.commercial.watch import Watch
from bench.solvers.commercial.wheels import WHEELS

WHEEL = WHEELS["cplex"]
TOO_LARGE = 1016
LICENCE_ERRORS = range(32000, 33000)
STATUS = {
    **dict.fromkeys((1, 101, 102, 115), "optimal"),
    **dict.fromkeys((2, 118), "unbounded"),
    **dict.fromkeys((3, 103), "infeasible"),
    **dict.fromkeys((4, 119), "inforunbd"),
    **dict.fromkeys((10,), "iterlimit"),
    **dict.fromkeys((11, 107, 108), "timelimit"),
    **dict.fromkeys((13, 113, 114), "userinterrupt"),
    **dict.fromkeys((105, 106), "nodelimit"),
    **dict.fromkeys((104,), "sollimit"),
    **dict.fromkeys((109, 110, 111, 112), "memlimit"),
}
"""SCIP's status words for CPLEX's numbers."""
KINDS = {int: ParameterKind.INT, float: ParameterKind.REAL, str: ParameterKind.STRING}
INFINITE = 1e75


def versions() -> dict[str, str]:
    """Return the version of CPLEX; its Python interface belongs to it."""
    return {"cplex": library.__version__}


def is_licence(error: Exception) -> bool:
    """Return whether the solve failed because of the licence."""
    if not isinstance(error, CplexSolverError) or len(error.args) < 3:
        return False
    return error.args[2] == TOO_LARGE or error.args[2] in LICENCE_ERRORS


def catalogue() -> Catalogue:
    """Return every parameter of CPLEX, by the names of its Python interface."""
    problem = library.Cplex()
    return Catalogue(_parameter(one) for one, _ in problem.parameters.get_all())


def open_session() -> Session:
    """Return a session with a problem of its own."""
    return Session()


class Session:
    """One problem of CPLEX."""

    def __init__(self) -> None:
        """Create an empty problem."""
        self._cplex: Any = library.Cplex()
        self._aborter: Any = library.Aborter()
        self._cplex.use_aborter(self._aborter)

    def limits(self, limits: Limits, seed: int) -> Mapping[str, ParameterValue]:
        """Return limits and seed by CPLEX's parameters; its memory limit covers only the tree."""
        found: dict[str, ParameterValue] = {"threads": limits.threads or 1}
        if limits.time_s is not None:
            found["timelimit"] = float(limits.time_s)
        if limits.memory_mib is not None:
            found["mip.limits.treememory"] = float(limits.memory_mib)
        if limits.nodes is not None:
            found["mip.limits.nodes"] = limits.nodes
        if limits.gap is not None:
            found["mip.tolerances.mipgap"] = float(limits.gap)
        return found | ({"randomseed": seed} if seed else {})

    def get(self, name: str) -> ParameterValue:
        """Return the value of a parameter."""
        value: ParameterValue = self._named(name).get()
        return value

    def set(self, name: str, value: ParameterValue) -> None:
        """Set a parameter."""
        self._named(name).set(value)

    def read(self, path: Path) -> ProblemStatistics:
        """Read a problem file."""
        problem = self._cplex
        problem.read(str(path))
        columns, rows = problem.variables, problem.linear_constraints
        n_bins, n_ints = columns.get_num_binary(), columns.get_num_integer()
        n_other = problem.SOS.get_num() + problem.quadratic_constraints.get_num()
        n_semi = columns.get_num_semicontinuous() + columns.get_num_semiinteger()
        maximize = problem.objective.get_sense() == problem.objective.sense.maximize
        return ProblemStatistics(
            n_vars=columns.get_num(),
            n_bins=n_bins,
            n_ints=n_ints,
            n_conts=columns.get_num() - n_bins - n_ints - n_semi,
            n_conss=rows.get_num() + n_other + problem.indicator_constraints.get_num(),
            n_nonzeros=rows.get_num_nonzeros(),
            n_equalities=None,
            n_bins_declared=n_bins,
            n_ints_declared=n_ints,
            sense=Sense.MAXIMIZE if maximize else Sense.MINIMIZE,
            objective_offset=problem.objective.get_offset(),
        )

    def names(self) -> Sequence[str]:
        """Return the names of all columns."""
        names: Sequence[str] = self._cplex.variables.get_names()
        return names

    def start(self, values: Mapping[str, float]) -> None:
        """Set these values as the start solution; not possible for an LP."""
        if not self._is_mip():
            return
        starts = self._cplex.MIP_starts
        pair = library.SparsePair(ind=list(values), val=list(values.values()))
        starts.add(pair, starts.effort_level.auto)

    def solve(self, watch: Watch) -> Claims:
        """Solve, and receive bounds by callbacks."""
        problem, aborter = self._cplex, self._aborter

        class Bounds(MIPInfoCallback):  # type: ignore[misc]
            """Passes bounds on to the watch."""

            def __call__(self) -> None:
                """Receive the bounds, and stop on request of the watch."""
                primal = self.get_incumbent_objective_value() if self.has_incumbent() else None
                watch.note(primal, self.get_best_objective_value(), self.get_num_nodes())
                if watch.must_stop():
                    aborter.abort()

        is_mip = self._is_mip()
        if is_mip:
            problem.register_callback(Bounds)
        problem.solve()
        solution = problem.solution
        status = STATUS.get(solution.get_status(), "unknown")
        has_solution = solution.is_primal_feasible()
        primal = solution.get_objective_value() if has_solution else None
        return Claims(
            status=status,
            primal_bound=primal,
            dual_bound=self._dual_bound(status, primal, is_mip=is_mip),
            n_nodes=solution.progress.get_num_nodes_processed() if is_mip else 0,
            n_lp_iterations=solution.progress.get_num_iterations(),
            n_solutions=solution.pool.get_num() if is_mip else int(has_solution),
        )

    def interrupt(self) -> None:
        """Stop the solve."""
        self._aborter.abort()

    def values(self) -> Sequence[float]:
        """Return the values of all columns in the best solution."""
        values: Sequence[float] = self._cplex.solution.get_values()
        return values

    def _is_mip(self) -> bool:
        kinds = self._cplex.problem_type
        return self._cplex.get_problem_type() not in {kinds.LP, kinds.QP, kinds.QCP}

    def _dual_bound(self, status: str, primal: float | None, *, is_mip: bool) -> float | None:
        if not is_mip:
            return primal if status == "optimal" else None
        try:
            bound: float = self._cplex.solution.MIP.get_best_objective()
        except CplexError:
            return None
        return bound

    def _named(self, name: str) -> Any:
        return reduce(getattr, name.split("."), self._cplex.parameters)


def _parameter(parameter: Any) -> Parameter:
    kind = KINDS.get(parameter.type(), ParameterKind.INT)
    is_text = kind is ParameterKind.STRING
    number = int if kind is ParameterKind.INT else float
    low, high = (None, None) if is_text else (parameter.min(), parameter.max())
    return Parameter(
        name=str(repr(parameter)).removeprefix("parameters."),
        kind=kind,
        default=parameter.default(),
        description=parameter.help(),
        low=None if low is None or abs(low) >= INFINITE else number(low),
        high=None if high is None or abs(high) >= INFINITE else number(high),
    )
