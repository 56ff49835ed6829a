"""An executable with the same protocol as all solvers.

In a campaign, the solver's process prepares the task and then becomes the executable; the
supervisor reads its results (`bench.execution.process.supervision`). A call without isolation
starts it as a child.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from bench.errors import ContentError, InstanceError, SolverError, UnsupportedError
from bench.instances.files import FORMATS
from bench.model.instances.linear_program import LinearProgram
from bench.model.instances.problem import ProblemStatistics, Sense
from bench.model.limits import Clock
from bench.model.parameters import Catalogue
from bench.model.results.process_stats import Termination
from bench.model.results.solver_output import SolverOutput, TracePoint
from bench.model.setting import ParameterValue
from bench.model.task import Task
from bench.model.workspace import Workspace
from bench.solvers.abilities import Abilities
from bench.solvers.executables import plain_mps
from bench.solvers.executables.adapter import START, Adapter, Call, Claims, Ended, Line
from bench.solvers.executables.adapters import adapter
from bench.solvers.executables.prepared import Prepared, remove, write
from bench.solvers.executables.record import Executable
from bench.solvers.linear_programs import checked, statistics
from bench.solvers.protocol import Solver
from bench.solvers.start import has_start, start_values
from bench.solvers.trace import ThinnedTrace

PLAIN = "problem.mps"
STOPPED = {
    Termination.TIME: "timelimit",
    Termination.MEMORY: "memlimit",
    Termination.INTERRUPT: "userinterrupt",
}
"""The status of an executable that was stopped from outside and reported none."""
LIMITS = {"nodes": "nodes", "gap": "gap"}
"""The limits that only the solver itself can enforce, with their subjects."""


UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""The errors of an adapter on output that it does not expect, e.g. a half-written line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """The observations of an executable's process: its end, its lines, its CPU seconds."""

    lines: tuple[Line, ...]
    exit_code: int | None
    ended_s: float
    cpu_s: float | None
    stopped: Termination | None = None


class ExecutableSolver:
    """The solver of an executable."""

    preload = "bench.solvers.executables.solver"
    permutes = False

    def __init__(self, executable: Executable, reader: Callable[[], Solver]) -> None:
        """Execute nothing yet; ``reader`` returns the solver that reads instances for it."""
        self.executable = executable
        self._reader = reader
        self.adapter: Adapter = adapter(executable.like)
        self.name = executable.name
        self.limit_parameters: Mapping[str, str] = executable.limit_parameters
        self.counts_cpu_time = self.adapter.counts_cpu_time
        self.has_seed = self.adapter.has_seed
        self.declaration = replace(self.adapter.declaration, title=executable.name)

    def version(self) -> str:
        """Return its version with the beginning of a digest of its files."""
        return self.executable.version

    def parameters(self) -> Catalogue:
        """Return its parameters when it was added."""
        return self.executable.catalogue()

    def abilities(self) -> Abilities:
        """Return its features; files that it does not read itself are newly written for it."""
        return Abilities(
            formats=tuple(sorted(self.adapter.dialects or FORMATS)),
            clocks=("cpu", "wall") if self.counts_cpu_time else ("wall",),
            permutes=False,
            seed=self.has_seed,
            threads="threads" in self.limit_parameters.values(),
            bounds_over_time=True,
            integral=self.adapter.tells_integral,
            deterministic_time=False,
            n_parameters=len(self.parameters()),
        )

    def inspect(self, path: Path) -> SolverOutput:
        """Return statistics of the problem in a file, by its reader."""
        return self._reader().inspect(path)

    def read(self, path: Path) -> LinearProgram:
        """Read a file by its reader."""
        return self._reader().read(path)

    def solve(self, task: Task, workspace: Workspace) -> SolverOutput:
        """Solve in a child of this process, without limits from outside."""
        prepared = self.prepare(task, workspace)
        workspace.solving.touch()
        lines: list[Line] = []
        try:
            process = subprocess.Popen(
                [str(self.executable.path), *prepared.words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=prepared.call.folder,
                env={**os.environ, **self.executable.variables},
                errors="replace",
                text=True,
            )
        except OSError as error:
            raise SolverError(self._cannot(error)) from error
        with process, workspace.log.open("w", encoding="utf-8") as log:
            for text in process.stdout or ():
                log.write(text)
                lines.append(Line(time.monotonic() - prepared.started_s, text.rstrip("\n")))
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        execution = Execution(
            lines=tuple(lines),
            exit_code=process.returncode if process.returncode >= 0 else None,
            ended_s=time.monotonic(),
            cpu_s=prepared.cpu_s + usage.ru_utime + usage.ru_stime,
        )
        answer = self.answer(prepared, execution, workspace)
        if answer.status is None:
            raise SolverError(f"{self.name} ends with exit code {process.returncode}")
        return answer

    def become(self, task: Task, workspace: Workspace) -> NoReturn:
        """Replace this process, which exists only for the task, by the executable.

        The data for reading its answer is saved before. Raise as `prepare` does, and SolverError if
        it cannot be executed.
        """
        prepared = self.prepare(task, workspace)
        words = [str(self.executable.path), *prepared.words]
        sys.stdout.write(f"+ {shlex.join(words)}\n")
        sys.stdout.flush()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for each in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT):
            signal.signal(each, signal.SIG_DFL)
        workspace.solving.touch()
        write(prepared, workspace)
        before = Path.cwd()
        try:
            os.chdir(prepared.call.folder)
            os.execve(words[0], words, {**os.environ, **self.executable.variables})  # noqa: S606
        except OSError as error:
            os.chdir(before)
            remove(workspace)
            raise SolverError(self._cannot(error)) from error

    def prepare(self, task: Task, workspace: Workspace) -> Prepared:
        """Prepare the files of the executable in its folder, and the arguments of its call.

        Raise InstanceError if the instance cannot be read, UnsupportedError for a problem or a
        limit that this solver does not support, SolverError if the executable has changed.
        """
        self._check(task)
        folder = workspace.scratch
        folder.mkdir(exist_ok=True)
        start = time.perf_counter()
        reader, program, problem = self._problem(task)
        columns, negated = None, False
        file = PLAIN
        if program is not None:
            if program.beyond:
                raise UnsupportedError(
                    f"{self.name} solves linear problems, and this one has "
                    + ", ".join(program.beyond)
                )
            with (folder / PLAIN).open("w", encoding="ascii") as out:
                out.writelines(plain_mps.text(program))
            columns = tuple(column.name for column in program.columns)
            negated = program.sense is Sense.MAXIMIZE
        else:
            file = _plain_name(task.instance.path)
            with suppress(FileExistsError):
                (folder / file).symlink_to(task.instance.path.absolute())
        call = Call(
            problem=file,
            folder=folder.absolute(),
            limits=task.limits,
            seed=task.seed,
            params=task.setting.params,
            has_integers=None if problem is None else bool(problem.n_bins + problem.n_ints),
        )
        call = self._with_start(call, task, workspace, program)
        words = tuple(self.adapter.command(call))
        lines = (f"{name} = {value}\n" for name, value in task.setting.params.items())
        workspace.settings.write_text("".join(lines), encoding="utf-8")
        return Prepared(
            call=call,
            words=words,
            problem=problem,
            normalized_by=reader,
            columns=columns,
            negated=negated,
            read_time_s=None if columns is None else time.perf_counter() - start,
            started_at=time.time(),
            started_s=time.monotonic(),
            cpu_s=time.process_time(),
        )

    def answer(
        self, prepared: Prepared, execution: Execution, workspace: Workspace
    ) -> SolverOutput:
        """Return the claims of the executable about the instance; nothing if it has crashed.

        The solution is written to the workspace. Raise InstanceError if it could not use the file,
        SolverError if it ended without a result.
        """
        ended = Ended(
            call=prepared.call,
            lines=execution.lines,
            exit_code=execution.exit_code,
            is_stopped=execution.stopped is not None,
        )
        try:
            claims = self.adapter.claims(ended)
        except UNREADABLE as error:
            traceback.print_exc()
            if execution.exit_code == 0 and execution.stopped is None:
                raise SolverError(self._unreadable(error)) from error
            claims = Claims()
        if claims.refusal:
            raise InstanceError(f"{self.name}: {claims.refusal}")
        if execution.exit_code is None and execution.stopped is None:
            return SolverOutput()
        if claims.failure:
            raise SolverError(f"{self.name}: {claims.failure}")
        status = claims.status
        if status is None and execution.stopped is not None:
            status, claims = STOPPED.get(execution.stopped), _with_last_bounds(claims)
        if status is None:
            if execution.exit_code != 0:
                return SolverOutput()
            raise SolverError(f"{self.name} ended without a result; its last lines are in its log")
        if status == "optimal" and claims.primal_bound is None:
            raise SolverError(f"{self.name} reports an optimal solution without an objective value")
        claims = _of_instance(claims, prepared)
        _write_solution(claims, prepared, workspace)
        wall = execution.ended_s - prepared.started_s
        cpu = None if execution.cpu_s is None else max(0.0, execution.cpu_s - prepared.cpu_s)
        by_clock = cpu if prepared.call.limits.clock is Clock.CPU else wall
        trace, first = _trace(claims)
        return SolverOutput(
            status=status,
            primal_bound=claims.primal_bound,
            dual_bound=claims.dual_bound,
            gap=self._gap(claims),
            n_nodes=claims.n_nodes,
            n_lp_iterations=claims.n_lp_iterations,
            n_solutions=_n_solutions(claims),
            read_time_s=prepared.read_time_s or claims.read_time_s,
            presolve_time_s=claims.presolve_time_s,
            solve_time_s=claims.solve_time_s if claims.solve_time_s is not None else by_clock,
            solve_wall_s=wall,
            solve_cpu_s=cpu,
            primal_dual_integral=claims.primal_dual_integral,
            first_incumbent_time_s=first.time_s if first else None,
            first_primal_bound=first.primal_bound if first else None,
            solve_started_at=prepared.started_at,
            problem=prepared.problem,
            trace=trace,
            params=dict(prepared.call.params),
            versions=self._versions(),
            normalized_by=prepared.normalized_by,
            is_from_log=True,
        )

    def _with_start(
        self, call: Call, task: Task, workspace: Workspace, program: LinearProgram | None
    ) -> Call:
        """Return the call with the file of the start solution, if there is one.

        Raise InstanceError for a start with columns that the problem does not have.
        """
        text = self.adapter.start_text
        if text is None or not has_start(task, workspace):
            return call
        read = self._reader().read(task.instance.path) if program is None else program
        names = [column.name for column in read.columns]
        given = start_values(task, workspace, set(names)) or {}
        values = {
            name if program is None else f"c{index}": given.get(name, 0.0)
            for index, name in enumerate(names)
        }
        if program is not None and program.objective_offset:
            values[plain_mps.CONSTANT] = 1.0
        (call.folder / START).write_text(text(values), encoding="utf-8")
        return replace(call, start=START)

    def _check(self, task: Task) -> None:
        if not self.executable.path.exists():
            raise SolverError(gone(self.executable))
        if not self.executable.is_unchanged() or (
            task.solver_version and task.solver_version != self.version()
        ):
            raise SolverError(
                f"{self.name}: {self.executable.path} has changed since the task was planned; "
                "execute the same command again, which plans the new version"
            )
        limits = task.limits
        if limits.clock is Clock.CPU and limits.time_s is not None and not self.counts_cpu_time:
            raise UnsupportedError(f"{self.name} cannot measure CPU time; use --clock wall")
        for name, what in LIMITS.items():
            limit = getattr(limits, name)
            if limit is not None and name not in self.limit_parameters.values():
                raise UnsupportedError(f"{self.name} has no limit of {what}")

    def _problem(self, task: Task) -> tuple[str, LinearProgram | None, ProblemStatistics | None]:
        """Return the reader of the problem for the new file, the problem, and its statistics.

        The reader and the problem are None if the executable reads the file itself. Its reader
        still rejects one without a problem or with invalid numbers, which executables solve.
        """
        path = task.instance.path
        if _format(path) in self.adapter.dialects:
            try:
                return "", None, self._reader().inspect(path).problem
            except ContentError:
                raise
            except (InstanceError, SolverError):
                return "", None, None
        reader = self._reader()
        program = checked(reader.read(path))
        return reader.name, program, statistics(program)

    def _versions(self) -> dict[str, str]:
        executable = self.executable
        return {executable.like: executable.number, "executable": executable.files[0].sha256}

    def _gap(self, claims: Claims) -> float | None:
        primal, dual = claims.primal_bound, claims.dual_bound
        if primal is None or dual is None:
            return None
        if primal == dual:
            return 0.0
        size = self.adapter.gap_of(primal, dual)
        return abs(primal - dual) / size if size else None

    def _unreadable(self, error: Exception) -> str:
        like = self.executable.like
        return (
            f"{self.name}: its output cannot be read as that of --like {like}: "
            f"{type(error).__name__}: {error}; its output is in its log"
        )

    def _cannot(self, error: OSError) -> str:
        return f"{self.name}: {self.executable.path} cannot be executed: {error.strerror}"


def gone(executable: Executable) -> str:
    """Return in one line that an executable has been removed, and the next step."""
    name = executable.name
    return (
        f"{name}: {executable.path} no longer exists; put it back, or remove it with: "
        f"bench solvers remove {name}"
    )


def _format(path: Path) -> str:
    """Return the format in a file's name, e.g. ``mps`` for ``x.mps.gz``."""
    return path.name.removesuffix(".gz").rpartition(".")[2].lower()


def _plain_name(path: Path) -> str:
    """Return a name for a file of this format that needs no quotes."""
    return f"problem.{_format(path)}{'.gz' if path.suffix == '.gz' else ''}"


def _with_last_bounds(claims: Claims) -> Claims:
    """Return the claims of a stopped executable, with the last bounds that it printed."""
    if not claims.trace:
        return claims
    last = claims.trace[-1]
    return replace(
        claims,
        primal_bound=_first_known(claims.primal_bound, last.primal_bound),
        dual_bound=_first_known(claims.dual_bound, last.dual_bound),
        n_nodes=last.n_nodes if claims.n_nodes is None else claims.n_nodes,
    )


def _first_known(*bounds: float | None) -> float | None:
    return next((bound for bound in bounds if bound is not None), None)


def _of_instance(claims: Claims, prepared: Prepared) -> Claims:
    """Return the claims with the signs of the instance."""
    if not prepared.negated:
        return claims
    return replace(
        claims,
        primal_bound=_negated(claims.primal_bound),
        dual_bound=_negated(claims.dual_bound),
        trace=tuple(
            replace(
                point,
                primal_bound=_negated(point.primal_bound),
                dual_bound=_negated(point.dual_bound),
            )
            for point in claims.trace
        ),
    )


def _negated(value: float | None) -> float | None:
    return None if value is None else 0.0 - value


def _write_solution(claims: Claims, prepared: Prepared, workspace: Workspace) -> None:
    """Write the nonzero values, by the names of the instance."""
    if claims.values is None or claims.primal_bound is None:
        return
    values: Mapping[str, ParameterValue] = claims.values
    if prepared.columns is not None:
        names = {f"c{index}": name for index, name in enumerate(prepared.columns)}
        values = {names[name]: value for name, value in values.items() if name in names}
    lines = [f"{name} {value!r}\n" for name, value in values.items() if value]
    text = f"objective value: {claims.primal_bound!r}\n{''.join(lines)}"
    workspace.solution.write_text(text, encoding="utf-8")


def _trace(claims: Claims) -> tuple[tuple[TracePoint, ...], TracePoint | None]:
    """Return the thinned trace and its first incumbent."""
    thinned = ThinnedTrace()
    for point in claims.trace:
        thinned.add(point)
    return thinned.points(), next((point for point in claims.trace if point.incumbent), None)


def _n_solutions(claims: Claims) -> int:
    n_incumbents = sum(point.incumbent for point in claims.trace)
    return 0 if claims.primal_bound is None else max(1, n_incumbents)
