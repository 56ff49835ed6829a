"""The interface (port) of executors."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bench.execution.cluster_options import ClusterOptions
from bench.execution.host.cgroup import Delegation
from bench.execution.pairs import Machine, Pair
from bench.execution.request import folder_name
from bench.model.results.result import Outcome
from bench.model.task import Task

ANYWHERE: frozenset[int] = frozenset()
"""No core in particular."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorConfig:
    """The configuration of an executor; one that executes elsewhere may ignore cores and cgroups.

    Each task gets a folder of its own below ``folder``. One task at a time is pinned to the cores
    of each slot. ``n_attempts`` is the number of earlier attempts at tasks, by their keys;
    ``recorded`` are those in the journal, by key and start (`bench.store.run_keys.attempt`);
    ``n_executions`` is how often a worker has died during the present attempt. ``on_start`` is
    called once with each task that starts, ``on_lost`` with each task that has no outcome because
    of the machine, and with the reason, whose text is the same for all tasks. ``delegation`` is
    where each task gets a cgroup. ``verify`` says whether solutions are checked. ``pass_env`` names
    additional environment variables of tasks.

    An executor that sends tasks elsewhere calls ``should_continue`` while it waits, and leaves once
    that returns False. It passes messages for the user to ``tell``, and ``expected_s`` returns the
    expected seconds of a task, None if unknown. ``begun`` are the machines that began pairs of
    which tasks are left.
    """

    folder: Path
    cpu_slots: tuple[frozenset[int], ...] = (ANYWHERE,)
    n_attempts: Mapping[str, int] = field(default_factory=dict)
    n_executions: Mapping[str, int] = field(default_factory=dict)
    recorded: frozenset[tuple[str, str]] = frozenset()
    on_start: Callable[[Task], None] = lambda _: None
    on_lost: Callable[[Task, str], None] = lambda _task, _reason: None
    delegation: Delegation | None = None
    verify: bool = True
    pass_env: frozenset[str] = frozenset()
    cluster: ClusterOptions = field(default_factory=ClusterOptions)
    should_continue: Callable[[], bool] = lambda: True
    tell: Callable[[str], None] = lambda _: None
    expected_s: Callable[[Task], float | None] = lambda _: None
    begun: Mapping[Pair, Machine] = field(default_factory=dict)

    def folder_of(self, task: Task) -> Path:
        """Return the folder of this attempt at a task; the files of earlier attempts are kept."""
        attempt = self.n_attempts.get(task.key, 0) + 1
        return self.folder / folder_name(task, attempt, self.n_executions.get(task.key, 0) + 1)


class Executor(Protocol):
    """Executes tasks, each in a limited and measured process of its own, on any machine.

    One object serves one campaign: after `detach` or `cancel` it accepts no more tasks
    (RuntimeError) and yields no more outcomes. A crash of a solver is an outcome, never an
    exception.

    If the machine lacks something (space, memory, descriptors) or a process other than the solver's
    is killed, the task is repeated once the cause is gone, or has no outcome and ``on_lost`` of the
    config is called with it. Only a user's request interrupts a task.
    """

    def submit(self, tasks: Iterable[Task]) -> None:
        """Add tasks, also while outcomes are collected.

        Read each from the iterable as late as possible: a campaign that is asked to stop ends the
        iterable early, and then only the tasks that were read are executed.
        """
        ...

    def collect(self) -> Iterator[Outcome]:
        """Yield an outcome for each task as it ends, in any order, until none is left.

        A lost task has none; no exception is raised because of the machine.
        """
        ...

    def detach(self) -> None:
        """Leave: running tasks continue. An executor that cannot do that cancels."""
        ...

    def cancel(self) -> None:
        """End the running tasks, drop the waiting ones, and return once all have ended."""
        ...


def execute_tasks(executor: Executor, tasks: Iterable[Task]) -> Generator[Outcome]:
    """Submit tasks and yield their outcomes; detach at the end, also when closed before it."""
    try:
        executor.submit(tasks)
        yield from executor.collect()
    finally:
        executor.detach()
