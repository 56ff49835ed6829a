"""Solve one instance in a session of a commercial solver; shared by all of them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from bench.errors import BenchError, ContentError, InstanceError, SolverError, UnsupportedError
from bench.instances.files import file_format
from bench.model.instances.problem import ProblemStatistics
from bench.model.results.solver_output import SolverOutput
from bench.model.setting import ParameterValue
from bench.model.task import Task
from bench.model.workspace import Workspace
from bench.solvers.commercial.dialects import misread_name, misreading
from bench.solvers.commercial.session import Claims, Session
from bench.solvers.commercial.watch import Watch, finite, interruptible
from bench.solvers.linear_programs import EMPTY
from bench.solvers.live_bounds import LiveBounds
from bench.solvers.start import start_values

STOCK_GAP, STOCK_ABSOLUTE_GAP = 1e-4, 1e-6
"""The default gap of all these solvers: within it, their status "optimal" is accepted; otherwise it
is a gap limit.
"""
FORMATS = frozenset({"lp", "mps"})
WITHOUT_SOLUTION = frozenset({"unbounded", "inforunbd", "infeasible"})
LICENCE = "licence: "
"""The beginning of the reason if a problem is not solved because of the licence."""


def inspect(adapter: ModuleType, path: Path) -> SolverOutput:
    """Return statistics of the problem in a file."""
    with _meant(adapter):
        return SolverOutput(problem=_read(adapter, adapter.open_session(), path))


def solve(adapter: ModuleType, task: Task, workspace: Workspace) -> SolverOutput:
    """Read the instance, solve it within the limits, and return the solver output."""
    with _meant(adapter), interruptible() as interruption:
        session: Session = adapter.open_session()
        changed = _set(adapter, session, task)
        lines = [f"{name} = {value}\n" for name, value in changed.items()]
        workspace.settings.write_text("".join(lines))
        read_time = time.perf_counter()
        problem = _read(adapter, session, task.instance.path)
        read_time = time.perf_counter() - read_time
        names = session.names()
        _check_names(adapter, names, task.instance.path)
        start = start_values(task, workspace, set(names))
        if start is not None:
            session.start({name: start.get(name, 0.0) for name in names})
        workspace.solving.touch()
        interruption.act = session.interrupt
        watch = Watch(task.limits, interruption, LiveBounds(workspace.bounds).show)
        started_at, wall, cpu = time.time(), time.perf_counter(), time.process_time()
        claims = session.solve(watch)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        answer = _answer(claims, watch)
        if answer.primal_bound is not None:
            _write_solution(session, answer.primal_bound, workspace)
    workspace.statistics.write_text(json.dumps({"status": claims.status}))
    return replace(
        answer,
        read_time_s=read_time,
        solve_wall_s=wall,
        solve_cpu_s=cpu,
        solve_started_at=started_at,
        problem=problem,
        params=changed,
        versions=adapter.versions(),
    )


@contextmanager
def _meant(adapter: ModuleType) -> Iterator[None]:
    """Convert errors of the library: an insufficient licence, or a failure."""
    try:
        yield
    except (BenchError, MemoryError, OSError):
        raise
    except Exception as error:
        title = adapter.WHEEL.declaration.title
        text = " ".join(str(error).split())
        if adapter.is_licence(error):
            raise UnsupportedError(f"{LICENCE}{text}") from error
        raise SolverError(f"{title} fails: {text}") from error


def _read(adapter: ModuleType, session: Session, path: Path) -> ProblemStatistics:
    """Read a file; InstanceError if the solver rejects it, or is known to misread it."""
    title = adapter.WHEEL.declaration.title
    if (misread := misreading(adapter.WHEEL.declaration.code_base, path)) is not None:
        raise InstanceError(f"{title} misreads {path.name}: {misread}")
    if file_format(path) not in FORMATS:
        raise InstanceError(
            f"{title} cannot read {path.name}: bench gives it LP and MPS files only"
        )
    try:
        found = session.read(path)
    except Exception as error:
        if isinstance(error, BenchError | MemoryError) or adapter.is_licence(error):
            raise
        raise InstanceError(
            f"{title} cannot read {path.name}: {' '.join(str(error).split())}"
        ) from error
    if not found.n_vars and not found.n_conss:
        raise ContentError(EMPTY)
    return found


def _check_names(adapter: ModuleType, names: Iterable[str], path: Path) -> None:
    """Raise InstanceError if an LP file was read with a number as a column.

    Gurobi and COPT do so with constants, and with coefficients as in ``2x``.
    """
    name = misread_name(names, path)
    if name is not None:
        title = adapter.WHEEL.declaration.title
        raise InstanceError(
            f"{title} misreads {path.name}: it takes the number in {name} for the name of a "
            "column; convert the instance to MPS"
        )


def _set(adapter: ModuleType, session: Session, task: Task) -> dict[str, ParameterValue]:
    """Set limits, seed and the setting's parameters; return those that differ from the default.

    Raise SolverError for a value that the solver rejects, or silently replaces by another.
    """
    title = adapter.WHEEL.declaration.title
    wanted = {**session.limits(task.limits, task.seed), **task.setting.params}
    changed: dict[str, ParameterValue] = {}
    for name, value in wanted.items():
        before = session.get(name)
        try:
            session.set(name, value)
        except Exception as error:
            if adapter.is_licence(error):
                raise
            text = " ".join(str(error).split())
            raise SolverError(
                f"{title} refuses the parameter {name} = {value!r}: {text}"
            ) from error
        after = session.get(name)
        if not _is_same(value, after):
            raise SolverError(f"{title} changes the parameter {name} = {value!r} to {after!r}")
        if after != before:
            changed[name] = after
    return changed


def _is_same(wanted: ParameterValue, got: ParameterValue) -> bool:
    if isinstance(wanted, str) or isinstance(got, str):
        return str(wanted) == str(got)
    return abs(float(wanted) - float(got)) <= 1e-9 * max(1.0, abs(float(wanted)))


def _answer(claims: Claims, watch: Watch) -> SolverOutput:
    status = claims.status
    if watch.reason is not None and status == "userinterrupt":
        status = watch.reason
    has_bounds = status not in WITHOUT_SOLUTION
    primal = finite(claims.primal_bound) if has_bounds else None
    dual = finite(claims.dual_bound) if has_bounds else None
    if status == "optimal" and primal is not None and dual is not None:
        near = max(STOCK_ABSOLUTE_GAP, STOCK_GAP * min(abs(primal), abs(dual)))
        status = "optimal" if abs(primal - dual) <= near else "gaplimit"
    end = watch.end(primal, dual, claims.n_nodes or 0)
    first = watch.first
    return SolverOutput(
        status=status,
        primal_bound=primal,
        dual_bound=dual,
        gap=None if primal is None or dual is None else end.gap,
        n_nodes=claims.n_nodes,
        n_lp_iterations=claims.n_lp_iterations,
        n_solutions=claims.n_solutions if primal is not None else 0,
        solve_time_s=end.time_s,
        first_incumbent_time_s=first.time_s if first else None,
        first_primal_bound=first.primal_bound if first else None,
        primal_dual_integral=watch.integral,
        trace=watch.trace.points(),
    )


def _write_solution(session: Session, value: float, workspace: Workspace) -> None:
    """Write all digits of the nonzero values, in SCIP's format."""
    values: Mapping[str, float] = dict(zip(session.names(), session.values(), strict=True))
    lines = [f"{name} {float(number)!r}\n" for name, number in values.items() if number]
    text = f"objective value: {value!r}\n{''.join(lines)}"
    workspace.solution.write_text(text, encoding="utf-8")
