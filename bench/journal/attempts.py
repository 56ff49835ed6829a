"""Which attempt at a task counts if it was executed more than once.

The journal keeps all attempts. A task is executed again because it failed or was disturbed, never
because of its time. Therefore the first undisturbed attempt counts, neither the fastest nor the
latest; if all were disturbed, the first one counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bench.model.results.result import Result
from bench.model.results.verdict import Category
from bench.store.run_keys import attempt

UNFINISHED = frozenset({Category.INTERRUPTED, Category.SKIPPED})
"""No attempt is finished."""


def counting(results: Iterable[Result]) -> dict[str, Result]:
    """Return the result that counts for each task, by its key; ``results`` are in their order."""
    found: dict[str, Result] = {}
    for result in results:
        found[result.task.key] = counting_one(found.get(result.task.key), result)
    return found


def counting_one(known: Result | None, new: Result) -> Result:
    """Return which of two results of a task counts: the previous one or a new one.

    The same attempt judged again, and a repeated import, replace the known one; so does every
    attempt after a failed one.
    """
    if known is None or attempt(new) == attempt(known):
        return new
    if known.verdict.failed or new.execution.imported:
        return new
    undisturbed = known.execution.disturbed and not new.execution.disturbed
    return new if undisturbed and new.verdict.category not in UNFINISHED else known


def numbers_of_attempts(results: Iterable[Result]) -> dict[str, int]:
    """Return the number of attempts at each task, by its key."""
    return dict(Counter(key for key, _ in {(one.task.key, attempt(one)) for one in results}))
