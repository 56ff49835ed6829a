"""Read and solve with SCIP: one Model per task, never used twice."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from pyscipopt import Model

from bench.model.instances.linear_program import LinearProgram
from bench.model.instances.program_arrays import ProgramArrays
from bench.model.limits import Clock
from bench.model.results.solver_output import SolverOutput
from bench.model.setting import ParameterValue
from bench.model.task import Task
from bench.model.workspace import Workspace
from bench.solvers.linear_programs import checked
from bench.solvers.live_bounds import LiveBounds
from bench.solvers.scip import library, reading
from bench.solvers.scip import versions as by_version
from bench.solvers.scip.declaration import LIMIT_PARAMETERS
from bench.solvers.scip.plug_ins import included
from bench.solvers.scip.reading import bound, program
from bench.solvers.scip.trace import TraceHandler, now
from bench.solvers.start import start_values

CLOCKTYPE = {Clock.CPU: 1, Clock.WALL: 2}
SMALLEST_EPSILON = 1e-20
"""With this value, the reader does not treat small coefficients and sides as 0."""
WITHOUT_SOLUTION = frozenset({"unbounded", "inforunbd", "infeasible"})
"""Statuses whose stored "solutions" are rays or nothing, never incumbents."""


def inspect(path: Path) -> SolverOutput:
    """Return statistics of the problem in a file, without solving it."""
    model = Model()
    try:
        warnings = reading.read(model, path)
        return SolverOutput(problem=reading.statistics(model), reader_warnings=warnings)
    finally:
        by_version.free(model)


def read(path: Path) -> LinearProgram:
    """Read a problem file into plain numbers, without solving it."""
    model = Model()
    try:
        model.hideOutput()
        model.setParam("numerics/epsilon", SMALLEST_EPSILON)
        reading.read(model, path)
        return checked(program(model))
    finally:
        by_version.free(model)


def read_arrays(path: Path) -> ProgramArrays | None:
    """Read a problem file into arrays, without solving it; None if arrays cannot represent it."""
    from bench.solvers.scip.arrays import arrays  # noqa: PLC0415 - numpy is not everywhere

    model = Model()
    try:
        model.hideOutput()
        model.setParam("numerics/epsilon", SMALLEST_EPSILON)
        reading.read(model, path)
        return arrays(model)
    finally:
        by_version.free(model)


def solve(task: Task, workspace: Workspace) -> SolverOutput:
    """Read the instance, solve it within the limits, and return the solver output."""
    model = Model()
    try:
        return _solve(model, task, workspace)
    finally:
        by_version.free(model)


def _solve(model: Any, task: Task, workspace: Workspace) -> SolverOutput:
    model.setParams(_params(task))
    changed = _changed(model, workspace)
    warnings = reading.read(model, task.instance.path)
    reading.make_name_quotable(model)
    problem = reading.statistics(model)
    with included(model, task.setting.include):
        if task.setting.include:
            changed = _changed(model, workspace)
        return _optimized(
            model,
            task,
            workspace,
            problem=problem,
            params=changed,
            versions=versions(),
            reader_warnings=warnings,
        )


def _changed(model: Any, workspace: Workspace) -> dict[str, ParameterValue]:
    """Write the parameters that differ from the defaults, and return SCIP's values of them."""
    model.writeParams(str(workspace.settings), comments=False, onlychanged=True)
    before = stock()
    return {
        name: value
        for name, value in model.getParams().items()
        if name in before and value != before[name]
    }


def _optimized(model: Any, task: Task, workspace: Workspace, **known: Any) -> SolverOutput:
    """Solve a model that was read, and return the output, added to the known part."""
    _give_start(model, task, workspace)
    handler = TraceHandler(LiveBounds(workspace.bounds).show)
    model.includeEventhdlr(handler, "bench_trace", "bounds over time, for bench")
    workspace.solving.touch()
    started_at, wall, cpu = time.time(), time.perf_counter(), time.process_time()
    model.optimize()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    handler.trace.add(now(model))
    trace = handler.trace.points()
    first = next((point for point in trace if point.incumbent), None)
    _write_files(model, workspace)
    return SolverOutput(
        **_outcome(model),
        read_time_s=model.getReadingTime(),
        presolve_time_s=model.getPresolvingTime(),
        solve_time_s=model.getSolvingTime(),
        solve_wall_s=wall,
        solve_cpu_s=cpu,
        first_incumbent_time_s=first.time_s if first else None,
        first_primal_bound=first.primal_bound if first else None,
        solve_started_at=started_at,
        presolved=reading.presolved_counts(model, workspace.statistics),
        trace=trace,
        **known,
    )


def _write_files(model: Any, workspace: Workspace) -> None:
    library.write_statistics(model, workspace.statistics)
    if model.getNSols() > 0 and model.getStatus() not in WITHOUT_SOLUTION:
        model.writeBestSol(str(workspace.solution))


@cache
def versions() -> dict[str, str]:
    """Return the versions of SCIP, PySCIPOpt and, if available, the LP solver."""
    lp_solver = library.lp_solver()
    return {
        "scip": by_version.version(),
        "pyscipopt": metadata.version("pyscipopt"),
        **({"lp_solver": lp_solver} if lp_solver else {}),
    }


@cache
def stock() -> Mapping[str, ParameterValue]:
    """Return the value of every parameter in a new model."""
    model = Model()
    params: dict[str, ParameterValue] = model.getParams()
    by_version.free(model)
    return params


def _give_start(model: Any, task: Task, workspace: Workspace) -> None:
    """Set the start solution, if there is one.

    SCIP ignores one that is not feasible.
    """
    variables = {variable.name: variable for variable in model.getVars()}
    values = start_values(task, workspace, variables)
    if values is None:
        return
    start = model.createSol()
    for name, value in values.items():
        model.setSolVal(start, variables[name], value)
    model.addSol(start)


def _params(task: Task) -> Mapping[str, ParameterValue]:
    """Return every parameter to set: limits and seeds first, then the setting's own."""
    limits = task.limits
    params: dict[str, ParameterValue] = {"timing/clocktype": CLOCKTYPE[limits.clock]}
    for parameter, field in LIMIT_PARAMETERS.items():
        value = getattr(limits, field)
        if value is not None:
            params[parameter] = value
    if task.seed:
        params["randomization/randomseedshift"] = task.seed
    if task.permutation:
        params["randomization/permutationseed"] = task.permutation
        params["randomization/permutevars"] = True
    return params | dict(task.setting.params)


def _outcome(model: Any) -> dict[str, Any]:
    """Return status, bounds and effort of a solved model."""
    status = model.getStatus()
    incumbent = model.getNSols() > 0 and status not in WITHOUT_SOLUTION
    primal = bound(model.getPrimalbound()) if incumbent else None
    dual = bound(model.getDualbound()) if status not in WITHOUT_SOLUTION else None
    both = primal is not None and dual is not None
    return {
        "status": status,
        "primal_bound": primal,
        "dual_bound": dual,
        "gap": bound(model.getGap()) if both else None,
        "n_nodes": model.getNTotalNodes(),
        "n_lp_iterations": model.getNLPIterations(),
        "n_solutions": model.getNSolsFound() if incumbent else 0,
        "deterministic_time": bound(by_version.deterministic_time(model)),
        "primal_dual_integral": bound(by_version.primal_dual_integral(model)),
    }
