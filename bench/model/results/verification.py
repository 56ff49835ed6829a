"""A verification: the findings of an independent check of the solution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

NOT_ASKED = "not asked for"
"""The reason for "not checked" if no check was requested."""


class Level(StrEnum):
    """The tightest tolerance at which nothing is violated."""

    CLAIMED = "1e-9"
    SOLVER = "1e-6"
    MIPLIB = "1e-4"
    NONE = "none"


class Quantity(StrEnum):
    """The quantities that can be violated."""

    BOUND = "bound"
    INTEGRALITY = "integrality"
    ROW = "row"
    OBJECTIVE = "objective"


@dataclass(frozen=True, slots=True)
class Violation:
    """The worst violation of one quantity: absolute, relative, and where (a row or column name).

    ``where`` is the place of the largest relative violation, which determines the level;
    ``where_absolute`` is that of the largest absolute violation if it is different.
    """

    quantity: Quantity
    absolute: float
    relative: float
    where: str = ""
    where_absolute: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The findings of a check, and how it was done.

    ``one_reader``: no solver of another code base can read the instance, so it is unknown whether
    the solver solved the problem that the author of the file meant. ``reader`` is the solver that
    read the instance for the check; ``independent`` says whether it has a different code base than
    the task's solver; ``exact`` whether the check used rational arithmetic. ``objective`` is the
    recomputed value of the solution. ``skipped`` is the reason why nothing was checked, else None.
    """

    level: Level
    violations: tuple[Violation, ...] = ()
    objective: float | None = None
    reader: str = ""
    independent: bool = False
    one_reader: bool = False
    exact: bool = False
    skipped: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def worst(self) -> Mapping[str, Violation]:
        """The worst violation of each quantity."""
        return {one.quantity: one for one in self.violations}
