"""Chunks: which tasks one job executes, so that a job is worth its start and is done in time.

All settings of an instance with a seed are in one chunk: they are executed on one machine, so that
a difference between them is none between machines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bench.execution.cluster.orders import TaskOrder
from bench.model.task import Task

CHUNK_S = 600.0
"""What a chunk is expected to take: the start of a job takes a few seconds."""
UNKNOWN_SHARE, UNKNOWN_MOST_S = 0.1, 60.0
"""A task of which nothing is known is expected to take this share of its time limit, at most."""
MOST_TASKS = 500


def chunks(
    orders: Iterable[TaskOrder],
    expected_s: Callable[[Task], float | None],
    n_least: int = 1,
    chunk_s: float = CHUNK_S,
) -> list[tuple[TaskOrder, ...]]:
    """Return the orders in chunks, in their order.

    Each is expected to take ``chunk_s`` at most, unless a single pair takes longer, and less where
    there would be fewer chunks than ``n_least``.
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


def pair_of(task: Task) -> tuple[str, str, int, int]:
    """Return what the tasks of a pair have in common."""
    return task.instance.label, task.instance.digest, task.seed, task.permutation


def _pairs(orders: Iterable[TaskOrder]) -> Iterable[list[TaskOrder]]:
    found: dict[tuple[str, str, int, int], list[TaskOrder]] = {}
    for order in orders:
        found.setdefault(pair_of(order.task), []).append(order)
    return found.values()


def _seconds(task: Task, expected_s: Callable[[Task], float | None]) -> float:
    known = expected_s(task)
    if known is not None:
        return max(known, 0.01)
    limit = task.limits.time_s
    return UNKNOWN_MOST_S if limit is None else min(UNKNOWN_MOST_S, UNKNOWN_SHARE * limit)
