"""COPT through coptpy.

Observed with 8.0.7: it has no random seed; it sets a value outside a range to the nearest valid one
without an error; and a model above the size of the licence raises error 4.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import coptpy as library
from coptpy import COPT, CoptError

from bench.model.instances.problem import ProblemStatistics, Sense
from bench.model.limits import Limits
from bench.model.parameters import Catalogue, Parameter, ParameterKind
from bench.model.setting import ParameterValue
from bench.solvers.commercial.session import Claims
from bench.solvers.commercial.watch import Watch
from bench.solvers.commercial.wheels import WHEELS

WHEEL = WHEELS["copt"]
LICENCE_ERROR = 4
STATUS = {
    COPT.OPTIMAL: "optimal",
    COPT.INFEASIBLE: "infeasible",
    COPT.UNBOUNDED: "unbounded",
    COPT.INF_OR_UNB: "inforunbd",
    COPT.NODELIMIT: "nodelimit",
    COPT.TIMEOUT: "timelimit",
    COPT.INTERRUPTED: "userinterrupt",
}
INFINITE = 1e30
CONTEXTS = COPT.CBCONTEXT_MIPSOL | COPT.CBCONTEXT_MIPNODE | COPT.CBCONTEXT_INCUMBENT


def versions() -> dict[str, str]:
    """Return the version of COPT; its Python interface has the same."""
    numbers = (COPT.VERSION_MAJOR, COPT.VERSION_MINOR, COPT.VERSION_TECHNICAL)
    return {"copt": ".".join(map(str, numbers))}


def is_licence(error: Exception) -> bool:
    """Return whether the solve failed because of the licence."""
    return isinstance(error, CoptError) and error.retcode == LICENCE_ERROR


def catalogue() -> Catalogue:
    """Return every parameter that COPT lists, with its range and default."""
    model = library.Envr().createModel("parameters")
    found = []
    for name in dir(COPT.Param):
        with suppress(AttributeError, CoptError):  # some names are of other kinds of models
            found.append(_parameter(*model.getParamInfo(name)))
    return Catalogue(found)


def open_session() -> Session:
    """Return a session in an environment of its own."""
    return Session()


class _Bounds(library.CallbackBase):  # type: ignore[misc]
    """Passes bounds on to the watch, and stops the solve on its request."""

    def __init__(self, watch: Watch) -> None:
        """Pass bounds on to this watch."""
        super().__init__()
        self._watch = watch

    def callback(self) -> None:
        """Receive the bounds."""
        primal = self.getInfo("BestObj") if self.getInfo("HasIncumbent") else None
        self._watch.note(primal, self.getInfo("BestBnd"), self.getInfo("NodeCnt"))
        if self._watch.must_stop():
            self.interrupt()


class Session:
    """One model of COPT."""

    def __init__(self) -> None:
        """Create an empty model."""
        self._environment = library.Envr()
        self._model: Any = self._environment.createModel("bench")

    def limits(self, limits: Limits, seed: int) -> Mapping[str, ParameterValue]:
        """Return limits by COPT's parameters; a seed has no effect."""
        del seed
        found: dict[str, ParameterValue] = {"Threads": limits.threads or 1}
        if limits.time_s is not None:
            found["TimeLimit"] = float(limits.time_s)
        if limits.memory_mib is not None:
            found["MemLimit"] = math.ceil(limits.memory_mib)
        if limits.nodes is not None:
            found["NodeLimit"] = limits.nodes
        if limits.gap is not None:
            found["RelGap"] = float(limits.gap)
        return found

    def get(self, name: str) -> ParameterValue:
        """Return the value of a parameter."""
        value: ParameterValue = self._model.getParam(name)
        return value

    def set(self, name: str, value: ParameterValue) -> None:
        """Set a parameter."""
        self._model.setParam(name, value)

    def read(self, path: Path) -> ProblemStatistics:
        """Read a problem file."""
        model = self._model
        model.read(str(path))
        return ProblemStatistics(
            n_vars=model.cols,
            n_bins=model.bins,
            n_ints=model.ints,
            n_conts=model.cols - model.bins - model.ints,
            n_conss=model.rows + model.soss + model.qconstrs + model.indicators,
            n_nonzeros=model.elems,
            n_equalities=None,
            n_bins_declared=model.bins,
            n_ints_declared=model.ints,
            sense=Sense.MAXIMIZE if model.objsense == COPT.MAXIMIZE else Sense.MINIMIZE,
            objective_offset=model.objconst,
        )

    def names(self) -> Sequence[str]:
        """Return the names of all columns."""
        return [variable.name for variable in self._model.getVars()]

    def start(self, values: Mapping[str, float]) -> None:
        """Set these values as the start solution."""
        variables = self._model.getVars()
        self._model.setMipStart(variables, [values[variable.name] for variable in variables])
        self._model.loadMipStart()

    def solve(self, watch: Watch) -> Claims:
        """Solve, and receive bounds by callbacks."""
        model = self._model
        if model.ismip:
            model.setCallback(_Bounds(watch), CONTEXTS)
        model.solve()
        status = STATUS.get(model.status, "unknown")
        if model.ismip:
            has_solution = bool(model.hasmipsol)
            primal = model.objval if has_solution else None
            dual: float | None = model.bestbnd
        else:
            has_solution = bool(model.haslpsol)
            primal = model.lpobjval if has_solution and status == "optimal" else None
            dual = primal
        return Claims(
            status=status,
            primal_bound=primal,
            dual_bound=dual,
            n_nodes=max(0, model.nodecnt) if model.ismip else 0,
            n_lp_iterations=max(0, model.simplexiter),
            n_solutions=int(has_solution),
        )

    def interrupt(self) -> None:
        """Stop the solve."""
        self._model.interrupt()

    def values(self) -> Sequence[float]:
        """Return the values of all columns in the best solution."""
        return [variable.x for variable in self._model.getVars()]


def _parameter(name: str, _: object, default: Any, low: Any, high: Any) -> Parameter:
    return Parameter(
        name=name,
        kind=ParameterKind.INT if isinstance(default, int) else ParameterKind.REAL,
        default=default,
        description="",
        low=None if abs(low) >= INFINITE else low,
        high=None if abs(high) >= INFINITE else high,
    )
