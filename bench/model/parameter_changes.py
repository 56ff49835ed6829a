"""The changes between the parameters of two versions of a solver."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bench.model.parameters import Catalogue, Parameter


class Change(StrEnum):
    """The kinds of changes of a parameter."""

    NEW = "new"
    GONE = "gone"
    DEFAULT = "default"
    RANGE = "range"
    KIND = "type"


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """A parameter before and after a change; None if it does not exist."""

    before: Parameter | None
    after: Parameter | None
    changes: tuple[Change, ...]

    @property
    def name(self) -> str:
        """The name of the parameter."""
        found = self.after or self.before
        return found.name if found else ""


def parameter_changes(before: Catalogue, after: Catalogue) -> Iterator[ParameterChange]:
    """Yield new parameters, removed parameters, then changed parameters, each sorted by name."""
    for name in sorted(after.keys() - before.keys()):
        yield ParameterChange(None, after[name], (Change.NEW,))
    for name in sorted(before.keys() - after.keys()):
        yield ParameterChange(before[name], None, (Change.GONE,))
    for name in sorted(before.keys() & after.keys()):
        if changes := tuple(_changes(before[name], after[name])):
            yield ParameterChange(before[name], after[name], changes)


def _changes(before: Parameter, after: Parameter) -> Iterator[Change]:
    if before.kind is not after.kind:
        yield Change.KIND
    if before.default != after.default:
        yield Change.DEFAULT
    if _range(before) != _range(after):
        yield Change.RANGE


def _range(parameter: Parameter) -> tuple[object, ...]:
    return parameter.low, parameter.high, frozenset(parameter.choices)
