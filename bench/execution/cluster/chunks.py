"""Chunks: the division of tasks into jobs that are long enough to be worth their start.

All settings of an instance and seed are in the same chunk, so they are executed on the same
machine, and differences between them are not differences between machines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from bench.execution.pairs import Pair, pair_of
from bench.model.task import Task

if TYPE_CHECKING:
    from bench.execution.cluster.orders import TaskOrder

CHUNK_S = 600.0
"""The expected duration of a chunk; starting a job takes a few seconds."""
UNKNOWN_SHARE, UNKNOWN_MOST_S = 0.1, 60.0
"""The expected duration of an unknown task is at most this share of its time limit."""
MOST_TASKS = 500


def chunks(
    orders: Iterable[TaskOrder],
    expected_s: Callable[[Task], float | None],
    n_least: int = 1,
    chunk_s: float = CHUNK_S,
) -> list[tuple[TaskOrder, ...]]:
    """Return the orders in chunks, in their order.

    Each chunk is expected to take at most ``chunk_s``, unless a single pair takes longer, and less
    if there would be fewer chunks than ``n_least``.
    """
    pairs = list(_pairs(orders))
    seconds = [sum(_seconds(one.task, expected_s) for one in pair) for pair in pairs]
    most_s = min(chunk_s, sum(seconds) / max(1, n_least))
    made: list[list[TaskOrder]] = []
    filled_s = 0.0
    for pair, pair_s in zip(pairs, seconds, strict=True):
        is_full = filled_s + pair_s > most_s * (1 + 1e-9)
        if not made or is_full or len(made[-1]) + len(pair) > MOST_TASKS:
            made.append([])
            filled_s = 0.0
        made[-1] += pair
        filled_s += pair_s
    return [tuple(chunk) for chunk in made]


def _pairs(orders: Iterable[TaskOrder]) -> Iterable[list[TaskOrder]]:
    found: dict[Pair, list[TaskOrder]] = {}
    for order in orders:
        found.setdefault(pair_of(order.task), []).append(order)
    return found.values()


def _seconds(task: Task, expected_s: Callable[[Task], float | None]) -> float:
    known = expected_s(task)
    if known is not None:
        return max(known, 0.01)
    limit = task.limits.time_s
    return UNKNOWN_MOST_S if limit is None else min(UNKNOWN_MOST_S, UNKNOWN_SHARE * limit)
