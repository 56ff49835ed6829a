"""A verification: what an independent check of the solution found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

NOT_ASKED = "not asked for"
"""Why a solution was not checked where nobody tried."""


class Level(StrEnum):
    """How tightly a solution holds: the tightest tolerance at which nothing is violated."""

    CLAIMED = "1e-9"
    SOLVER = "1e-6"
    MIPLIB = "1e-4"
    NONE = "none"


class Quantity(StrEnum):
    """What can be violated."""

    BOUND = "bound"
    INTEGRALITY = "integrality"
    ROW = "row"
    OBJECTIVE = "objective"


@dataclass(frozen=True, slots=True)
class Violation:
    """The worst violation of one quantity: absolute, relative, and where (a row or column name).

    ``where`` is the place of the largest relative violation, the one that decides the level;
    ``where_absolute`` that of the largest absolute one, if it is another.
    """

    quantity: Quantity
    absolute: float
    relative: float
    where: str = ""
    where_absolute: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a check found, and how it was done.

    ``one_reader`` says that no solver of another code base can read the instance, so that nobody
    can tell whether the solver solved what the file's author meant.

    ``reader`` is who read the instance; ``independent`` says whether that is of another code base
    than the solver; ``exact`` whether it was rational arithmetic. ``objective`` is the value of
    the solution, worked out anew. ``skipped`` says why nothing was checked, else it is None.
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
        """The worst violations by their quantity."""
        return {one.quantity: one for one in self.violations}
