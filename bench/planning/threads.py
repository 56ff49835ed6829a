"""Threads: the solvers that support them, and notes on tasks with several."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from bench.errors import UsageError
from bench.model.limits import Clock, Limits
from bench.model.setting import Setting
from bench.model.task import Task
from bench.planning.limits import THREADS, merged


def threaded(limit_parameters: Mapping[str, Mapping[str, str]]) -> frozenset[str]:
    """Return the solvers that can solve with several threads.

    ``limit_parameters`` maps each solver's parameters to fields of Limits.
    """
    return frozenset(
        solver for solver, fields in limit_parameters.items() if THREADS in fields.values()
    )


def threads_of(setting: Setting, limit_parameters: Mapping[str, str]) -> int:
    """Return how many threads a setting sets by the solver's own parameter, 1 without."""
    return merged({}, setting.params, limit_parameters).threads or 1


def check_threads(
    n_threads: int | None, solvers: Iterable[str], able: AbstractSet[str], at: str = ""
) -> None:
    """Raise UsageError if several threads are requested and none of the solvers can use them.

    ``at`` begins the message.
    """
    names = list(dict.fromkeys(solvers))
    if (n_threads or 1) > 1 and able.isdisjoint(names):
        listed = ", ".join(map(repr, names))
        raise UsageError(
            f"{at}solver{'' if len(names) == 1 else 's'} {listed} cannot use several threads: leave"
            " out the number of threads, or use a solver that can (bench solvers list)"
        )


def most_threads(tasks: Iterable[Task]) -> int:
    """Return the largest number of threads of a task, and so the number of cores of each."""
    return max((task.limits.threads or 1 for task in tasks), default=1)


def thread_notes(
    settings: Iterable[Setting], limits: Mapping[str, Limits], able: Collection[str]
) -> Iterator[str]:
    """Yield notes on settings with several threads; ``limits`` are by the setting's name."""
    several = [each for each in settings if (limits[each.name].threads or 1) > 1]
    most = max((limits[each.name].threads or 1 for each in several), default=1)
    for solver in dict.fromkeys(each.solver for each in several):
        if solver not in able:
            yield f"solver {solver!r} uses one thread: 1 of the {most} cores of its tasks"
    if any(limits[each.name].clock is Clock.CPU for each in several):
        yield "the CPU clock counts all threads: with several it passes faster than wall time"
