"""Check a solution: choose the solver that reads the instance, and a replacement if it cannot."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Protocol, runtime_checkable

from bench.errors import BenchError, InstanceError, SolverError, UsageError
from bench.execution.request import ExecutionRequest
from bench.model.instances.linear_program import LinearProgram
from bench.model.results.verification import Level, Verification
from bench.model.workspace import Workspace
from bench.solvers import registry
from bench.solvers.readers import are_independent, candidates
from bench.verification import exact, solution_file
from bench.verification.exact import match
from bench.verification.statuses import INFEASIBLE, UNBOUNDED

NO_SOLUTION = "no solution was written"
"""Why nothing was checked if the answer has no solution."""


@runtime_checkable
class Checks(Protocol):
    """A solver that can check solutions itself, also of problems beyond linear rows."""

    def check(
        self, path: Path, solution: Mapping[str, Fraction], claimed_objective: float | None
    ) -> Verification:
        """Return the solver's check of a solution against the problem before presolve."""
        ...


def verify(request: ExecutionRequest, claimed_objective: float | None = None) -> Verification:
    """Check the solution in the order's workspace (in a process only for this).

    No exception is raised: an error becomes the reason why the solution was not checked.
    """
    solver, instance = request.solver, request.task.instance
    path, solution_path = instance.path, Workspace(request.folder).solution
    misread_by = dict(instance.misread_by)
    try:
        if not solution_path.is_file():
            return skipped(NO_SOLUTION, one_reader=has_one_reader(path, solver, misread_by))
        return examine(
            path,
            solution_path,
            solver=solver,
            claimed_objective=claimed_objective,
            misread_by=misread_by,
        )
    except BenchError as error:
        return skipped(str(error).replace(str(solution_path), solution_path.name))
    except MemoryError:
        return skipped("out of memory while the solution was checked")
    except Exception as error:  # noqa: BLE001  a reader may raise anything
        return skipped(f"{type(error).__name__}: {error}")


def is_checkable(request: ExecutionRequest, status: str | None) -> bool:
    """Return whether an answer with this status has anything to check."""
    return status in INFEASIBLE | UNBOUNDED or Workspace(request.folder).solution.is_file()


def has_one_reader(path: Path, solver: str, misread_by: Container[str] = ()) -> bool:
    """Return whether only solvers of the same code base can read the instance.

    Code bases in ``misread_by`` read another problem from it and do not count.
    """
    for reader in candidates(solver):
        if not are_independent(solver, reader):
            break
        if registry.declaration(reader).code_base in misread_by:
            continue
        try:
            registry.load(reader).read(path)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001, S112 - a reader may raise anything
            continue
        return False
    return True


def examine(  # noqa: PLR0913 - a check has this many sides
    path: Path,
    solution_path: Path,
    *,
    solver: str | None = None,
    reader: str | None = None,
    claimed_objective: float | None = None,
    misread_by: Container[str] = (),
) -> Verification:
    """Check a solution file, with the instance as ``reader`` reads it, or another if it cannot.

    ``solver`` is the solver that found the solution (None: named in the file, if its format has
    it). The default reader is the first that is independent of it. A check is independent if the
    solver is known, and the reader has another code base. If no claim is given, that of the file is
    used. Code bases in ``misread_by`` read another problem from the instance and are not used.
    Raise UsageError if the file is not a solution of this instance, InstanceError if no solver can
    read the instance.
    """
    solution = solution_file.read(solution_path)
    writer = solver or solution.writer

    def asked() -> Iterator[str]:
        others = (one for one in candidates(writer) if one != reader)
        return (
            one
            for one in chain([reader] if reader else [], others)
            if registry.declaration(one).code_base not in misread_by
        )

    claim = solution.objective if claimed_objective is None else claimed_objective
    who, program, refusals = _read(path, asked())
    try:
        if program.beyond:
            found = _by_solver(path, asked(), solution.values, claim) or exact.check(program, {})
        else:
            found = exact.check(program, solution.values, claim, reader=who)
    except UsageError as error:
        raise UsageError(f"{solution_path}: {error}") from error
    return replace(
        found,
        independent=found.skipped is None
        and bool(writer)
        and are_independent(writer, found.reader),
        one_reader=bool(writer) and reader is None and not are_independent(writer, who),
        notes=(*solution.notes, *refusals, *found.notes),
    )


def _read(path: Path, readers: Iterable[str]) -> tuple[str, LinearProgram, list[str]]:
    """Return the first reader that can read the file, its reading, and why others could not."""
    refusals: list[str] = []
    for reader in readers:
        try:
            return reader, registry.load(reader).read(path), refusals
        except (InstanceError, SolverError) as error:
            refusals.append(str(error).replace(str(path), path.name))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - a reader may raise anything
            refusals.append(f"{reader}: {type(error).__name__}: {error}")
    raise InstanceError("; ".join(refusals) or f"{path.name}: every solver misreads this file")


def _by_solver(
    path: Path, readers: Iterable[str], values: Mapping[str, Fraction], claim: float | None
) -> Verification | None:
    """Use the first solver that can check a solution; None if none can."""
    for name in readers:
        solver = registry.load(name)
        if isinstance(solver, Checks):
            match(solver.read(path), values)
            return solver.check(path, values, claim)
    return None


def skipped(reason: str, *, one_reader: bool = False) -> Verification:
    """Return the verification of a solution that was not checked."""
    return Verification(level=Level.NONE, skipped=reason, one_reader=one_reader)
