"""The result of a solve, in the terms and units of a solver output."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from highspy import Highs, HighsModelStatus, SolutionStatus

from bench.errors import SolverError
from bench.model.instances.problem import Counts
from bench.model.workspace import Workspace
from bench.solvers.highs.events import Events, finite

STOCK_GAP = 1e-4
"""HiGHS's default of ``mip_rel_gap``: within it, its status "optimal" is accepted."""
STOCK_ABSOLUTE_GAP = 1e-6
"""HiGHS's default of ``mip_abs_gap``."""
STATUS = {
    HighsModelStatus.kOptimal: "optimal",
    HighsModelStatus.kInfeasible: "infeasible",
    HighsModelStatus.kUnbounded: "unbounded",
    HighsModelStatus.kUnboundedOrInfeasible: "inforunbd",
    HighsModelStatus.kTimeLimit: "timelimit",
    HighsModelStatus.kMemoryLimit: "memlimit",
    HighsModelStatus.kInterrupt: "userinterrupt",
    HighsModelStatus.kObjectiveBound: "duallimit",
    HighsModelStatus.kObjectiveTarget: "primallimit",
    HighsModelStatus.kIterationLimit: "iterlimit",
    HighsModelStatus.kUnknown: "unknown",
}
UNLIMITED = 2**31 - 1
WITHOUT_SOLUTION = frozenset({"unbounded", "inforunbd", "infeasible"})
EFFORTS = ("simplex", "ipm", "crossover", "pdlp", "qp")


def claims(highs: Highs, events: Events, stopped: str | None) -> dict[str, Any]:
    """Return the claims about a solve that has just ended. Raise as :func:`status` does.

    ``stopped`` is the reason for an interruption, if there was one.
    """
    primal, dual = bounds(highs)
    word = status(highs, primal, dual)
    word = stopped if stopped and word == "userinterrupt" else word
    end = events.end(primal, dual, n_nodes(highs))
    first = events.first
    return {
        "status": word,
        "primal_bound": primal,
        "dual_bound": dual,
        "gap": gap(highs, primal, dual),
        "n_nodes": end.n_nodes,
        "n_lp_iterations": n_lp_iterations(highs),
        "n_solutions": 0 if primal is None else max(1, events.n_incumbents),
        "presolve_time_s": presolve_time_s(events.lines) if events.by_wall else None,
        "solve_time_s": end.time_s,
        "first_incumbent_time_s": first.time_s if first else None,
        "first_primal_bound": first.primal_bound if first else None,
        "primal_dual_integral": events.integral if _has_tree(highs) else None,
        "presolved": presolved(events.lines),
        "trace": events.trace.points(),
    }


def status(highs: Highs, primal: float | None, dual: float | None) -> str:
    """Return SCIP's status word for the end of the solve.

    HiGHS also reports optimal within ``mip_rel_gap`` or ``mip_abs_gap``. Here the status is
    ``gaplimit`` if the bounds are further apart than HiGHS's default settings allow. Raise
    SolverError if HiGHS did not finish.
    """
    found = highs.getModelStatus()
    if found == HighsModelStatus.kSolutionLimit:
        return _search_limit(highs)
    if found not in STATUS:
        raise SolverError(f"HiGHS ends with: {highs.modelStatusToString(found)}")
    if found == HighsModelStatus.kOptimal and primal is not None and dual is not None:
        near = max(STOCK_ABSOLUTE_GAP, STOCK_GAP * min(abs(primal), abs(dual)))
        return "optimal" if abs(primal - dual) <= near else "gaplimit"
    return STATUS[found]


def bounds(highs: Highs) -> tuple[float | None, float | None]:
    """Return primal and dual bound, None if there is none.

    An LP has a primal bound once it has a feasible point, and a dual bound only when it is solved.
    """
    info, found = highs.getInfo(), highs.getModelStatus()
    if STATUS.get(found) in WITHOUT_SOLUTION:
        return None, None
    has_point = info.primal_solution_status == int(SolutionStatus.kSolutionStatusFeasible)
    primal = finite(info.objective_function_value) if has_point else None
    if _has_tree(highs):
        return primal, finite(info.mip_dual_bound)
    return primal, primal if found == HighsModelStatus.kOptimal else None


def gap(highs: Highs, primal: float | None, dual: float | None) -> float | None:
    """Return the relative gap by HiGHS's definition, None without both bounds."""
    if primal is None or dual is None:
        return None
    return 0.0 if primal == dual else finite(highs.getInfo().mip_gap)


def n_nodes(highs: Highs) -> int:
    """Return the nodes of the search tree; 0 for an LP, which has none."""
    return max(0, highs.getInfo().mip_node_count)


def n_lp_iterations(highs: Highs) -> int:
    """Return the iterations of all LP (and QP) algorithms together."""
    info = highs.getInfo()
    return sum(max(0, getattr(info, f"{name}_iteration_count")) for name in EFFORTS)


def write(highs: Highs, names: Sequence[str], value: float | None, workspace: Workspace) -> None:
    """Write the statistics and, if there is a value, the solution.

    The solution is in SCIP's format, so that one parser reads both: all digits of the nonzero
    values.
    """
    workspace.statistics.write_text(json.dumps(table(highs), indent=1))
    if value is not None:
        values = zip(names, highs.getSolution().col_value, strict=True)
        lines = [f"{name} {float(x)!r}\n" for name, x in values if x]
        text = f"objective value: {value!r}\n{''.join(lines)}"
        workspace.solution.write_text(text, encoding="utf-8")


def table(highs: Highs) -> dict[str, Any]:
    """Return HiGHS's own statistics (HighsInfo) for JSON; non-finite numbers are None."""
    info = highs.getInfo()
    values = {name: getattr(info, name) for name in dir(info) if not name.startswith("_")}
    return {
        "status": highs.modelStatusToString(highs.getModelStatus()),
        "run_time": highs.getRunTime(),
        "info": {
            name: finite(value) if isinstance(value, float) else value
            for name, value in values.items()
        },
    }


def presolved(lines: Iterable[str]) -> Counts | None:
    """Return the sizes after presolve, from HiGHS's log; None if they are not in it."""
    text = "".join(lines)
    if whole := _PRESOLVED_MIP.search(text):
        rows, columns, binary, integer, implied, continuous, nonzeros = map(int, whole.groups())
        return Counts(
            n_vars=columns,
            n_bins=binary,
            n_ints=integer,
            n_impls=implied,
            n_conts=continuous,
            n_conss=rows,
            n_nonzeros=nonzeros,
        )
    reduced = _REDUCED.search(text)
    if reduced is None or (text.startswith("MIP") and int(reduced[2])):
        return None
    rows, columns, nonzeros = map(int, reduced.groups())
    return Counts(
        n_vars=columns,
        n_bins=0,
        n_ints=0,
        n_impls=0,
        n_conts=columns,
        n_conss=rows,
        n_nonzeros=nonzeros,
    )


def presolve_time_s(lines: Iterable[str]) -> float | None:
    """Return the wall time of a MIP's presolve, to a hundredth, from HiGHS's log, or None."""
    found = _PRESOLVE_TIME.search("".join(lines))
    return float(found[1]) if found else None


_PRESOLVED_MIP = re.compile(
    r"Solving MIP model with:\s+(\d+) rows\s+(\d+) cols \((\d+) binary, (\d+) integer, "
    r"(\d+) implied int., (\d+) continuous, \d+ domain fixed\)\s+(\d+) nonzeros"
)
_REDUCED = re.compile(r"Presolve reductions: rows (\d+)\S* columns (\d+)\S* nonzeros (\d+)")
_PRESOLVE_TIME = re.compile(r"^ +([\d.]+) \(Presolve\)", re.MULTILINE)


def _has_tree(highs: Highs) -> bool:
    """Whether it was solved as a MIP; an LP has -1 nodes."""
    return bool(highs.getInfo().mip_node_count >= 0)


def _search_limit(highs: Highs) -> str:
    """Return which limit of the search tree was reached: HiGHS has one status for all."""
    if n_nodes(highs) >= _limit(highs, "mip_max_nodes") or _is_set(highs, "mip_max_leaves"):
        return "nodelimit"
    if _is_set(highs, "mip_max_improving_sols"):
        return "sollimit"
    return "stallnodelimit" if _is_set(highs, "mip_max_stall_nodes") else "nodelimit"


def _is_set(highs: Highs, name: str) -> bool:
    return _limit(highs, name) < UNLIMITED


def _limit(highs: Highs, name: str) -> int:
    _, value = highs.getOptionValue(name)
    return int(value)
