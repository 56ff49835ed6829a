"""Solve one problem with a setting, in separate processes, and return the answer as plain values.

Used by `bench serve` and by the model that MLflow loads; nothing is written to a journal.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

from bench.errors import BenchError, InstanceError, SolverError, UsageError
from bench.execution.host.cgroup import Delegation
from bench.execution.linter import Linter
from bench.execution.process.fork_servers import fork_server
from bench.execution.process.launch import LaunchedTask
from bench.execution.protocol import ANYWHERE
from bench.execution.request import ExecutionRequest
from bench.instances import files
from bench.instances.lint.findings import with_findings
from bench.model.instances.instance import Instance
from bench.model.limits import DEFAULT_MEMORY_MIB, Limits
from bench.model.numbers import number
from bench.model.registered_setting import RegisteredSetting
from bench.model.results.process_stats import Termination
from bench.model.results.result import Outcome
from bench.model.results.verdict import Category
from bench.model.setting import Setting
from bench.model.task import Task
from bench.model.workspace import Workspace
from bench.planning.threads import threads_of
from bench.solvers import registry
from bench.verification import solution_file
from bench.verification.judge import judge
from bench.verification.solutions import describe_verification

GRACE_S = 2.0
RESERVE_S = 10.0
"""The part of a request's time that is reserved for reading, checking and answering."""
LOOK_EVERY_S = 0.1
LONGEST_LINT_S = 30.0


class SolveStoppedError(BenchError):
    """The solve was stopped early, because its client has gone."""


class SolveTimeoutError(BenchError):
    """Reading, solving and checking together took longer than allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveRequest:
    """A request: the problem file, the time limit (seconds), and the relative gap.

    ``start`` is a start solution: values by the names of columns, 0 for columns that are not named.
    """

    path: Path
    time_limit: float
    gap: float | None = None
    start: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveConfig:
    """The setting, memory in MiB, cores, cgroup, and folder of a solve.

    ``timeout`` is the number of seconds from the beginning of a request to its answer.
    """

    setting: RegisteredSetting
    timeout: float
    memory_limit: float = DEFAULT_MEMORY_MIB
    folder: Path | None = None
    delegation: Delegation | None = None

    def with_time_since(self, began: float) -> SolveConfig:
        """Return the configuration with the rest of the timeout since that time (monotonic s)."""
        return replace(self, timeout=self.timeout - (time.monotonic() - began))


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveAnswer:
    """The answer in the terms of `bench.model`; None for missing values, never NaN or infinite.

    ``solution`` has the nonzero columns; ``seconds`` is the time of the solve alone.
    ``verification`` says how the solution was checked, ``verdict`` is the conclusion. ``warnings``
    are those of the lint and of the solver's reader about what may be unintended.
    """

    status: str | None
    objective: float | None
    bound: float | None
    gap: float | None
    solution: Mapping[str, float] | None = field(repr=False)
    seconds: float
    verification: str
    verdict: str
    reason: str
    warnings: list[str]

    def to_object(self) -> dict[str, Any]:
        """Return it as an object of strict JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


def longest_time_limit(timeout: float) -> float:
    """Return the largest time limit of a request that can be answered within the timeout."""
    return max(timeout - RESERVE_S, timeout / 2)


def n_threads(setting: Setting) -> int:
    """Return the number of threads of a solve with this setting."""
    return threads_of(setting, registry.load(setting.solver).limit_parameters)


def preload(setting: RegisteredSetting) -> list[str]:
    """Return the modules that the fork server loads for this setting."""
    return [fork_server.PRELOAD_READERS, registry.load(setting.setting.solver).preload]


def solve(
    request: SolveRequest,
    config: SolveConfig,
    *,
    cores: frozenset[int] = ANYWHERE,
    stop: Event | None = None,
) -> SolveAnswer:
    """Solve in one process, check the solution in another, and return the answer.

    The solve ends when ``stop`` is set (SolveStoppedError), at the timeout (SolveTimeoutError), and
    with this process. Raise InstanceError for a problem or a start that cannot be used, SolverError
    if the solver gives no answer.
    """
    deadline = time.monotonic() + config.timeout
    stop = stop or Event()
    solver = registry.declaration(config.setting.setting.solver)
    if request.start is not None and not solver.takes_start:
        raise InstanceError(f"start: {solver.title} does not support a start solution")
    instance = _checked(request.path, deadline, stop)
    with TemporaryDirectory(prefix="bench-solve-", dir=config.folder) as folder:
        registered = config.setting
        task = Task(
            instance=instance,
            setting=registered.setting,
            solver_version=registered.solver_version,
            limits=Limits(
                time_s=request.time_limit,
                memory_mib=config.memory_limit,
                gap=request.gap,
                threads=n_threads(registered.setting),
                grace_s=GRACE_S,
            ),
        )
        launched = LaunchedTask(
            ExecutionRequest(
                task=task,
                folder=Path(folder) / "task",
                cores=cores,
                delegation=config.delegation,
                start=request.start,
            )
        )
        return _answer(_outcome(launched, deadline, stop), request.path)


def _checked(path: Path, deadline: float, stop: Event) -> Instance:
    """Return the instance of a file; InstanceError if it cannot be used or the lint rejects it."""
    longest = min(LONGEST_LINT_S, deadline - time.monotonic())
    with Linter(longest, should_continue=lambda: not stop.is_set()) as linter:
        instance = files.load(path)
        if instance.defect is None:
            instance = with_findings(instance, linter.lint(path))
    if stop.is_set():
        raise SolveStoppedError("stopped before the solve began")
    if instance.defect is not None:
        raise InstanceError(instance.defect.replace(str(path), path.name))
    return instance


def _outcome(launched: LaunchedTask, deadline: float, stop: Event) -> Outcome:
    """Return the outcome of a task after it ends by itself, else end it and raise the reason."""
    while not wait([launched.sentinel], LOOK_EVERY_S) or launched.goes_on():
        timed_out = time.monotonic() > deadline
        if timed_out or stop.is_set():
            launched.stop()
            wait([launched.sentinel])
            launched.outcome()
            if timed_out:
                raise SolveTimeoutError("no answer within the time limit of a request")
            raise SolveStoppedError("stopped, because the client no longer waits for the answer")
    return launched.outcome()


def _answer(outcome: Outcome, path: Path) -> SolveAnswer:
    answer, execution = outcome.answer, outcome.execution
    if execution.termination is Termination.REFUSED:
        raise InstanceError((answer.error or "").replace(str(path), path.name))
    verdict = judge(
        answer,
        execution,
        None,
        outcome.verification,
        gap_limit=outcome.task.limits.gap,
    )
    if answer.status is None and verdict.category is not Category.LIMIT:
        raise SolverError(f"the solver returned no result: {verdict.reason}")
    objective = number(answer.primal_bound)
    return SolveAnswer(
        status=answer.status,
        objective=objective,
        bound=number(answer.dual_bound),
        gap=number(answer.gap),
        solution=None if objective is None else _solution(outcome.folder),
        seconds=answer.solve_wall_s if answer.solve_wall_s is not None else execution.wall_s,
        verification=describe_verification(outcome.verification),
        verdict=verdict.category.value,
        reason=verdict.reason,
        warnings=[*(outcome.task.instance.lint or ()), *answer.reader_warnings],
    )


def _solution(folder: Path) -> dict[str, float] | None:
    """Return the nonzero columns of the best solution."""
    path = Workspace(folder).solution
    if not path.exists():
        return None
    try:
        values = solution_file.read(path).values
    except UsageError as error:
        reason = str(error).replace(str(path), path.name)
        raise SolverError(f"the solver wrote no usable solution: {reason}") from error
    return {name: float(value) for name, value in values.items() if value}
