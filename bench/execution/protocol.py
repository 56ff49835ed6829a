"""The port through which tasks are executed."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bench.execution.cluster.options import ClusterOptions
from bench.execution.process.request import folder_name
from bench.execution.process.supervision.cgroup import Delegation
from bench.model.results.result import Outcome
from bench.model.task import Task

ANYWHERE: frozenset[int] = frozenset()
"""No core in particular."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorConfig:
    """What an executor is made with; one that executes elsewhere may ignore cores and cgroups.

    Below ``folder`` each task gets a folder of its own. One task at a time is pinned to the cores
    of each slot. ``n_attempts`` says at which tasks there were attempts before, by their keys,
    ``recorded`` which of them the journal has, by key and start (`bench.store.run_keys.attempt`),
    and ``n_executions`` how often a worker has died before at the attempt at hand.
    ``on_start`` is called once with each task that starts, ``on_lost`` with each that has no
    outcome because of the machine, and with the reason, in words that are the same for all tasks.
    ``delegation`` is where each gets a cgroup. ``verify`` tells whether solutions are checked.
    ``pass_env`` names environment variables that tasks get besides the usual ones.

    An executor that sends tasks elsewhere asks ``should_continue`` while it waits, and leaves once
    that is False; it says by ``tell`` what a user should know, and has ``expected_s`` for the
    seconds that a task is expected to take, None where nothing is known.
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

    def folder_of(self, task: Task) -> Path:
        """Return the folder of this attempt at a task; the files of earlier ones stay."""
        attempt = self.n_attempts.get(task.key, 0) + 1
        return self.folder / folder_name(task, attempt, self.n_executions.get(task.key, 0) + 1)


class Executor(Protocol):
    """Executes tasks, each in its own limited and measured process, wherever that is.

    One object serves one campaign: after `detach` or `cancel` it takes no more tasks (RuntimeError)
    and gives no more outcomes. A crash of a solver is an outcome, never an exception.

    What the machine lacks (space, memory, descriptors, a process that was killed and is none of the
    solver's) is neither: the task is repeated once the cause is gone, or has no outcome, and
    ``on_lost`` of the config is called with it. Only a user's request interrupts a task.
    """

    def submit(self, tasks: Iterable[Task]) -> None:
        """Add tasks, also while outcomes are collected.

        Take each from the iterable as late as possible: a campaign that is asked to stop ends the
        iterable early, and then only what was taken is executed.
        """
        ...

    def collect(self) -> Iterator[Outcome]:
        """Yield an outcome for each task as it ends, in any order, until none is left.

        A task that was lost has none; nothing is raised because of the machine.
        """
        ...

    def detach(self) -> None:
        """Leave: what is being executed goes on. An executor that cannot do that cancels."""
        ...

    def cancel(self) -> None:
        """End what is being executed, forget what waits, and return once all has ended."""
        ...


def execute_tasks(executor: Executor, tasks: Iterable[Task]) -> Generator[Outcome]:
    """Submit tasks and yield their outcomes; detach at the end, also when closed before it."""
    try:
        executor.submit(tasks)
        yield from executor.collect()
    finally:
        executor.detach()
