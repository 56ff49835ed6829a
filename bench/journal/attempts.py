"""Which attempt at a task counts, where it was executed more than once.

The journal keeps all of them. A task is executed again because it failed or because it was
disturbed, never because of the time that it took: so the first attempt that nothing disturbed
counts, neither the fastest nor the latest, and where all were disturbed the first one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bench.model.results.result import Result
from bench.model.results.verdict import Category
from bench.store.run_keys import attempt

UNFINISHED = frozenset({Category.INTERRUPTED, Category.SKIPPED})
"""No attempt has come to its end."""


def counting(results: Iterable[Result]) -> dict[str, Result]:
    """Return the result of each task that counts, by its key; ``results`` are as they came."""
    found: dict[str, Result] = {}
    for result in results:
        found[result.task.key] = counting_one(found.get(result.task.key), result)
    return found


def counting_one(known: Result | None, new: Result) -> Result:
    """Return which of two results of a task counts: the one that did so far, or a new one.

    The same attempt judged again, and what was imported again, takes the place of the known one;
    so does every attempt after one that failed.
    """
    if known is None or attempt(new) == attempt(known):
        return new
    if known.verdict.failed or new.execution.imported:
        return new
    undisturbed = known.execution.disturbed and not new.execution.disturbed
    return new if undisturbed and new.verdict.category not in UNFINISHED else known


def numbers_of_attempts(results: Iterable[Result]) -> dict[str, int]:
    """Return how many attempts there were at each task, by its key."""
    return dict(Counter(key for key, _ in {(one.task.key, attempt(one)) for one in results}))
