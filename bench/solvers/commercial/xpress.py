"""Xpress through xpress.

Observed with 9.9.1: it dies of SIGINT, so the signal is blocked and it is asked to stop instead; it
lists no ranges of its 800 controls and silently accepts invalid values; only the text of an error
shows that a model is above the size of the licence.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import xpress as library

from bench.model.instances.problem import ProblemStatistics, Sense
from bench.model.limits import Limits
from bench.model.parameters import Catalogue, Parameter, ParameterKind
from bench.model.setting import ParameterValue
from bench.solvers.commercial.session import Claims
from bench.solvers.commercial.watch import Watch, finite
from bench.solvers.commercial.wheels import WHEELS

WHEEL = WHEELS["xpress"]
LICENCE_WORDS = ("?120", "license", "licence")
NOT_NEGATIVE = frozenset(
    {"timelimit", "miprelstop", "mipabsstop", "maxnode", "maxmipsol", "maxmemoryhard"}
)
"""Controls for which Xpress accepts a negative number without a meaning."""
NO_RANGE = "Xpress lists no description and no range"
STOPPED = {
    library.StopType.TIMELIMIT: "timelimit",
    library.StopType.NODELIMIT: "nodelimit",
    library.StopType.ITERLIMIT: "iterlimit",
    library.StopType.SOLLIMIT: "sollimit",
    library.StopType.MIPGAP: "optimal",
    library.StopType.MEMORYERROR: "memlimit",
    library.StopType.CTRLC: "userinterrupt",
    library.StopType.USER: "userinterrupt",
}
SOLVED = {
    library.SolStatus.OPTIMAL: "optimal",
    library.SolStatus.FEASIBLE: "optimal",
    library.SolStatus.INFEASIBLE: "infeasible",
    library.SolStatus.UNBOUNDED: "unbounded",
}
STOCK_SEED = 1


def versions() -> dict[str, str]:
    """Return the versions of Xpress's Python package and of its optimizer."""
    return {"xpress": library.__version__, "xpress_optimizer": library.getVersion()}


def is_licence(error: Exception) -> bool:
    """Return whether the solve failed because of the licence."""
    text = str(error).lower()
    return any(word in text for word in LICENCE_WORDS)


def catalogue() -> Catalogue:
    """Return every control, with its default and the few known ranges."""
    controls: Mapping[str, Any] = _problem().getControl()
    return Catalogue(
        _parameter(name, value)
        for name, value in controls.items()
        if isinstance(value, bool | int | float | str)
    )


def open_session() -> Session:
    """Return a session with a problem of its own."""
    return Session()


class Session:
    """One problem of Xpress."""

    def __init__(self) -> None:
        """Create an empty problem."""
        self._problem: Any = _problem()

    def limits(self, limits: Limits, seed: int) -> Mapping[str, ParameterValue]:
        """Return limits and seed by Xpress's controls; its default seed is 1, so ours follow."""
        found: dict[str, ParameterValue] = {"threads": limits.threads or 1}
        if limits.time_s is not None:
            found["timelimit"] = float(limits.time_s)
        if limits.memory_mib is not None:
            found["maxmemoryhard"] = math.ceil(limits.memory_mib)
        if limits.nodes is not None:
            found["maxnode"] = min(limits.nodes, 2**31 - 1)
        if limits.gap is not None:
            found["miprelstop"] = float(limits.gap)
        return found | ({"randomseed": seed + STOCK_SEED} if seed else {})

    def get(self, name: str) -> ParameterValue:
        """Return the value of a control."""
        value: ParameterValue = self._problem.getControl(name)
        return value

    def set(self, name: str, value: ParameterValue) -> None:
        """Set a control."""
        self._problem.setControl(name, value)

    def read(self, path: Path) -> ProblemStatistics:
        """Read a problem file."""
        problem = self._problem
        problem.readProb(str(path))
        attributes = problem.attributes
        variables = problem.getVariable()
        whole = [one for one in variables if one.vartype in {library.binary, library.integer}]
        n_bins = sum(one.lb >= 0 and one.ub <= 1 for one in whole)
        n_other = sum(
            one.vartype not in {library.binary, library.integer, library.continuous}
            for one in variables
        )
        return ProblemStatistics(
            n_vars=attributes.cols,
            n_bins=n_bins,
            n_ints=len(whole) - n_bins,
            n_conts=attributes.cols - len(whole) - n_other,
            n_conss=attributes.rows,
            n_nonzeros=attributes.elems,
            n_equalities=None,
            n_bins_declared=n_bins,
            n_ints_declared=len(whole) - n_bins,
            sense=Sense.MAXIMIZE if attributes.objsense < 0 else Sense.MINIMIZE,
            objective_offset=attributes.objrhs,
        )

    def names(self) -> Sequence[str]:
        """Return the names of all columns."""
        return [one.name for one in self._problem.getVariable()]

    def start(self, values: Mapping[str, float]) -> None:
        """Set these values as the start solution."""
        numbers = [values[name] for name in self.names()]
        self._problem.addMipSol(numbers, list(range(len(numbers))), "start")

    def solve(self, watch: Watch) -> Claims:
        """Solve, and receive bounds by callbacks."""
        problem = self._problem

        def look(inner: Any, *_: object) -> None:
            at = inner.attributes
            if problem.attributes.originalmipents:
                watch.note(at.mipbestobjval if at.mipsols else None, at.bestbound, at.nodes)
            if watch.must_stop():
                problem.interrupt(library.StopType.USER)

        problem.addCheckTimeCallback(look, None, 0)
        problem.addIntsolCallback(look, None, 0)
        problem.optimize()
        at = problem.attributes
        is_mip = bool(at.originalmipents + at.originalsets)
        if at.solvestatus == library.SolveStatus.STOPPED:
            status = STOPPED.get(library.StopType(at.stopstatus), "unknown")
        else:
            status = SOLVED.get(at.solstatus, "unknown")
        has_solution = at.solstatus in {library.SolStatus.OPTIMAL, library.SolStatus.FEASIBLE}
        primal = at.objval if has_solution else None
        bound = at.bestbound if is_mip else (primal if status == "optimal" else None)
        return Claims(
            status=status,
            primal_bound=primal,
            dual_bound=finite(bound),
            n_nodes=at.nodes,
            n_lp_iterations=at.simplexiter,
            n_solutions=at.mipsols if is_mip else int(has_solution),
        )

    def interrupt(self) -> None:
        """Stop the solve."""
        self._problem.interrupt(library.StopType.USER)

    def values(self) -> Sequence[float]:
        """Return the values of all columns in the best solution."""
        found: Sequence[float] = self._problem.getSolution()
        return found


def _problem() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library.init()
        return library.problem()


def _parameter(name: str, value: bool | float | str) -> Parameter:
    kind = (
        ParameterKind.STRING
        if isinstance(value, str)
        else ParameterKind.REAL
        if isinstance(value, float)
        else ParameterKind.INT
    )
    return Parameter(
        name=name,
        kind=kind,
        default=value,
        description=NO_RANGE,
        low=0 if name in NOT_NEGATIVE else None,
    )
