"""Gurobi through gurobipy.

Observed with 13.0.3: SIGINT and ``terminate`` end a solve with its bounds, and a model above the
size of the licence raises error 10010 when it is solved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gurobipy
from gurobipy import GRB, GurobiError

from bench.model.instances.problem import ProblemStatistics, Sense
from bench.model.limits import Limits
from bench.model.parameters import Catalogue, Parameter, ParameterKind
from bench.model.setting import ParameterValue
from bench.solvers.commercial.session import Claims
from bench.solvers.commercial.watch import Watch, finite
from bench.solvers.commercial.wheels import WHEELS

WHEEL = WHEELS["gurobi"]
LICENCE_ERRORS = frozenset({10009, 10010, 10022, 10029, 10030, 10032})
"""No licence or an expired one, a model above its size, a licence server that refuses."""
STATUS = {
    GRB.OPTIMAL: "optimal",
    GRB.INFEASIBLE: "infeasible",
    GRB.INF_OR_UNBD: "inforunbd",
    GRB.UNBOUNDED: "unbounded",
    GRB.CUTOFF: "primallimit",
    GRB.ITERATION_LIMIT: "iterlimit",
    GRB.NODE_LIMIT: "nodelimit",
    GRB.TIME_LIMIT: "timelimit",
    GRB.SOLUTION_LIMIT: "sollimit",
    GRB.INTERRUPTED: "userinterrupt",
    GRB.USER_OBJ_LIMIT: "primallimit",
    GRB.MEM_LIMIT: "memlimit",
}
KINDS = {int: ParameterKind.INT, float: ParameterKind.REAL, str: ParameterKind.STRING}
BYTES_PER_MIB, BYTES_PER_GB = 2**20, 1e9


def versions() -> dict[str, str]:
    """Return the version of Gurobi; its Python interface has the same."""
    return {"gurobi": ".".join(map(str, gurobipy.gurobi.version()))}


def is_licence(error: Exception) -> bool:
    """Return whether the solve failed because of the licence."""
    return isinstance(error, GurobiError) and error.errno in LICENCE_ERRORS


def catalogue() -> Catalogue:
    """Return every parameter that Gurobi lists, with its range and default."""
    model = gurobipy.Model(env=_environment(quiet=True))
    names = (name for name in dir(GRB.Param) if not name.startswith("_"))
    return Catalogue(_parameter(*model.getParamInfo(name)) for name in names)


def open_session() -> Session:
    """Return a session in an environment of its own."""
    return Session()


class Session:
    """One model of Gurobi."""

    def __init__(self) -> None:
        """Have no model yet."""
        self._environment = _environment()
        self._model: Any = gurobipy.Model(env=self._environment)

    def limits(self, limits: Limits, seed: int) -> Mapping[str, ParameterValue]:
        """Return limits and seed by Gurobi's parameters."""
        found: dict[str, ParameterValue] = {"Threads": limits.threads or 1}
        if limits.time_s is not None:
            found["TimeLimit"] = float(limits.time_s)
        if limits.memory_mib is not None:
            found["SoftMemLimit"] = limits.memory_mib * BYTES_PER_MIB / BYTES_PER_GB
        if limits.nodes is not None:
            found["NodeLimit"] = float(limits.nodes)
        if limits.gap is not None:
            found["MIPGap"] = float(limits.gap)
        return found | ({"Seed": seed} if seed else {})

    def get(self, name: str) -> ParameterValue:
        """Return the value of a parameter."""
        value: ParameterValue = self._model.getParamInfo(name)[2]
        return value

    def set(self, name: str, value: ParameterValue) -> None:
        """Set a parameter, also in the environment, so that a model that is read has it."""
        self._environment.setParam(name, value)
        self._model.setParam(name, value)

    def read(self, path: Path) -> ProblemStatistics:
        """Read a problem file."""
        self._model = model = gurobipy.read(str(path), self._environment)
        return ProblemStatistics(
            n_vars=model.NumVars,
            n_bins=model.NumBinVars,
            n_ints=model.NumIntVars - model.NumBinVars,
            n_conts=model.NumVars - model.NumIntVars,
            n_conss=model.NumConstrs + model.NumQConstrs + model.NumSOS + model.NumGenConstrs,
            n_nonzeros=model.NumNZs,
            n_equalities=None,
            n_bins_declared=model.NumBinVars,
            n_ints_declared=model.NumIntVars - model.NumBinVars,
            sense=Sense.MAXIMIZE if model.ModelSense < 0 else Sense.MINIMIZE,
            objective_offset=model.ObjCon,
        )

    def names(self) -> Sequence[str]:
        """Return the names of all columns."""
        return [variable.VarName for variable in self._model.getVars()]

    def start(self, values: Mapping[str, float]) -> None:
        """Set these values as the start solution."""
        for variable in self._model.getVars():
            variable.Start = values[variable.VarName]

    def solve(self, watch: Watch) -> Claims:
        """Solve, and receive bounds by callbacks."""
        model = self._model

        def hear(_: Any, where: int) -> None:
            if where == GRB.Callback.MIP:
                watch.note(
                    model.cbGet(GRB.Callback.MIP_OBJBST),
                    model.cbGet(GRB.Callback.MIP_OBJBND),
                    model.cbGet(GRB.Callback.MIP_NODCNT),
                )
            elif where == GRB.Callback.MIPSOL:
                watch.note(
                    model.cbGet(GRB.Callback.MIPSOL_OBJBST),
                    model.cbGet(GRB.Callback.MIPSOL_OBJBND),
                    model.cbGet(GRB.Callback.MIPSOL_NODCNT),
                )
            if watch.must_stop():
                model.terminate()

        model.optimize(hear)
        has_solution = model.SolCount > 0
        status = STATUS.get(model.Status, "unknown")
        primal = model.ObjVal if has_solution else None
        return Claims(
            status=status,
            primal_bound=primal,
            dual_bound=finite(model.ObjBound) if model.IsMIP else _if_optimal(primal, status),
            n_nodes=round(model.NodeCount),
            n_lp_iterations=round(model.IterCount),
            n_solutions=model.SolCount,
        )

    def interrupt(self) -> None:
        """Stop the solve."""
        self._model.terminate()

    def values(self) -> Sequence[float]:
        """Return the values of all columns in the best solution."""
        return [variable.X for variable in self._model.getVars()]


def _if_optimal(primal: float | None, status: str) -> float | None:
    return primal if status == "optimal" else None


def _environment(*, quiet: bool = False) -> Any:
    environment = gurobipy.Env(empty=True)
    if quiet:
        environment.setParam("OutputFlag", 0)
    environment.start()
    return environment


def _parameter(name: str, kind: type, _: object, low: Any, high: Any, default: Any) -> Parameter:
    is_text = kind is str
    return Parameter(
        name=name,
        kind=KINDS[kind],
        default=default,
        description="",
        low=None if is_text or low == -GRB.INFINITY or low == float("-inf") else low,
        high=None if is_text or high == GRB.INFINITY or high == float("inf") else high,
    )
