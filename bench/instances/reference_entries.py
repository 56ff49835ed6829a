"""Entries of a list of references: the content of each, and their combination."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from bench.errors import UsageError
from bench.model.instances.reference import Known, Reference

SAME = 1e-6
"""Values closer than this, relative to max(1, |value|), are the same with different digits."""

_STRENGTH = (
    *(Known.UNKNOWN, Known.BEST_DUAL, Known.FEASIBLE, Known.BEST, Known.OPTIMAL),
    *(Known.UNBOUNDED, Known.INFEASIBLE),
)
_EXCLUDES = {
    Known.UNBOUNDED: frozenset({Known.BEST_DUAL, Known.OPTIMAL}),
    Known.INFEASIBLE: frozenset({Known.FEASIBLE, Known.BEST, Known.OPTIMAL, Known.UNBOUNDED}),
}


@dataclass(frozen=True, slots=True)
class ReferenceEntry:
    """The content of a line about an instance; ``place`` is ``file:line``."""

    place: str
    name: str
    reference: Reference


def collected(entries: Iterable[ReferenceEntry]) -> dict[str, Reference]:
    """Return the combination of all entries for each instance, by its name.

    A more specific entry replaces a less specific one, and a best dual value is added to it. Raise
    UsageError, with both places, for two that contradict each other.
    """
    found: dict[str, ReferenceEntry] = {}
    for entry in entries:
        before = found.get(entry.name)
        found[entry.name] = entry if before is None else _joined(before, entry)
    return {name: entry.reference for name, entry in found.items()}


def text(reference: Reference) -> str:
    """Return a reference in the format of a ``.solu`` file, without the instance."""
    value = reference.dual_value if reference.known is Known.BEST_DUAL else reference.value
    return f"={reference.known}=" + ("" if value is None else f" {value!r}")


def _joined(before: ReferenceEntry, new: ReferenceEntry) -> ReferenceEntry:
    first, second = before.reference, new.reference
    weak, strong = sorted((first, second), key=lambda one: _STRENGTH.index(one.known))
    excluded = weak.known in _EXCLUDES.get(strong.known, frozenset())
    same = strong.known is weak.known
    if excluded or (same and not _near(first.value, second.value)):
        raise _contradiction(before, new)
    if not _near(first.dual_value, second.dual_value):
        raise _contradiction(before, new)
    value = second.value if same else strong.value
    dual = first.dual_value if second.dual_value is None else second.dual_value
    return ReferenceEntry(new.place, new.name, Reference(strong.known, value, dual))


def _contradiction(before: ReferenceEntry, new: ReferenceEntry) -> UsageError:
    return UsageError(
        f"{new.place}: {text(new.reference)} for {new.name}, but {text(before.reference)} in "
        f"{before.place}; remove one of them"
    )


def _near(one: float | None, two: float | None) -> bool:
    if one is None or two is None:
        return True
    return math.isclose(one, two, rel_tol=SAME, abs_tol=SAME)
