"""The machines that have begun pairs, and those that may measure the rest of a pair.

A comparison uses a pair only if machines of one class measured all its settings. The rest of a pair
therefore goes to the machine that began it, else to one of the same class, else anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from bench.execution.pairs import Machine, Pair, pair_of
from bench.model.results.process_stats import ProcessStats
from bench.model.task import Task

if TYPE_CHECKING:
    from bench.execution.cluster.orders import TaskOrder


def machine_of(execution: ProcessStats) -> Machine:
    """Return the machine that executed a task."""
    return Machine(execution.machine or "", execution.worker.machine_class or "")


def begun_pairs(done: Iterable[tuple[Task, Machine]]) -> dict[Pair, Machine]:
    """Return the machine that began each pair with results, from those of its tasks that count.

    If machines of several classes did, it is the one with most results; of these the first.
    """
    counts: dict[Pair, Counter[Machine]] = {}
    for task, machine in done:
        if machine.name:
            counts.setdefault(pair_of(task), Counter())[machine] += 1
    return {pair: found.most_common(1)[0][0] for pair, found in counts.items()}


def may_continue(
    began: Machine | None, machine: Machine, machines: Collection[Machine]
) -> bool | None:
    """Return whether a machine should execute the rest of a pair; ``machines`` are all there are.

    False if another one is more like the machine that began it; None if no machine is like it, so
    that the pair would be split.
    """
    if began is None or began.name == machine.name:
        return True
    if any(began.name == one.name for one in machines):
        return False
    if began.is_like(machine):
        return True
    return False if any(map(began.is_like, machines)) else None


def by_machine(
    orders: Iterable[TaskOrder], begun: Mapping[Pair, Machine]
) -> list[tuple[Machine | None, tuple[TaskOrder, ...]]]:
    """Return orders grouped by the machine that began their pairs; None: no machine yet."""
    groups: dict[Machine | None, list[TaskOrder]] = {}
    for order in orders:
        groups.setdefault(begun.get(pair_of(order.task)), []).append(order)
    return [(machine, tuple(group)) for machine, group in groups.items()]


def split_pairs_warning(began: Machine, machine: Machine) -> str:
    """Return a warning that the rest of a pair is measured on another class of machine."""
    return (
        f"Warning: no worker runs on a machine like {began.text}, which began some pairs: their "
        f"other settings are measured on {machine.text}, and bench compare leaves these pairs out"
    )
