"""A verdict: the conclusion from an answer and an execution."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Category(StrEnum):
    """The categories of verdicts; docs/verdicts.md has the rules.

    ``SOLVED``: a final status that a reference or another solver confirms. ``UNCONFIRMED``: a final
    status that nothing contradicts or confirms. ``LIMIT``: ended at a limit, without contradiction.
    ``WRONG``: contradicted. The others have no answer: ``UNREADABLE`` was rejected by a reader,
    ``UNSUPPORTED`` belongs to a class of problems that the solver does not solve, ``CRASHED`` ended
    by itself, ``KILLED`` was ended by another process, ``INTERRUPTED`` by the user, and ``SKIPPED``
    was not executed.
    """

    SOLVED = "solved"
    UNCONFIRMED = "solved_unconfirmed"
    LIMIT = "limit"
    WRONG = "wrong"
    UNREADABLE = "unreadable"
    UNSUPPORTED = "unsupported"
    CRASHED = "crashed"
    KILLED = "killed"
    INTERRUPTED = "interrupted"
    SKIPPED = "skipped"

    @classmethod
    def _missing_(cls, value: object) -> Category | None:
        """Accept the names in journals, tables and options of earlier versions."""
        return cls(RENAMED[value]) if isinstance(value, str) and value in RENAMED else None


RENAMED = {"failed": Category.CRASHED.value, "solved_unverified": Category.UNCONFIRMED.value}
"""Verdicts that were renamed, by their former names."""
FAILURES = frozenset(
    {
        Category.UNREADABLE,
        Category.UNSUPPORTED,
        Category.CRASHED,
        Category.KILLED,
        Category.INTERRUPTED,
        Category.SKIPPED,
    }
)
"""The categories without an answer; together they are called *failed*."""


REFERENCE = "reference"
"""Confirmed by the reference of the instance."""


class VerdictKind(StrEnum):
    """Which limit was reached, or what is wrong."""

    TIME = "time"
    MEMORY = "memory"
    NODES = "nodes"
    GAP = "gap"
    SOLUTIONS = "solutions"
    OTHER = "other"

    OBJECTIVE = "objective"
    DUAL_BOUND = "dual_bound"
    INFEASIBLE_SOLUTION = "infeasible_solution"
    SOLUTION_ON_INFEASIBLE = "solution_on_infeasible_instance"
    GAP_NOT_CLOSED = "gap_not_closed"
    INCONSISTENT = "inconsistent"
    INVALID_NUMBERS = "invalid_numbers"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The conclusion, its reason in words, and the names of the same answer in other tools.

    ``kind`` says which limit or which error it is; only those two categories have one.
    ``scip_check`` is the status in SCIP's check scripts, ``ipet`` that of ipet. ``confirmed_by`` is
    the source of the confirmation: ``reference``, or the name of a solver of another code base;
    only solved results have one.
    """

    category: Category
    reason: str
    kind: VerdictKind | None = None
    scip_check: str = ""
    ipet: str = ""
    confirmed_by: str = ""

    def __post_init__(self) -> None:
        """Convert verdicts of earlier versions, which knew only confirmation by references.

        ``solved`` in tables of other tools means the same.
        """
        if self.category is Category.SOLVED and not self.confirmed_by:
            object.__setattr__(self, "confirmed_by", REFERENCE)

    @property
    def solved(self) -> bool:
        """Whether the instance counts as solved."""
        return self.category in {Category.SOLVED, Category.UNCONFIRMED}

    @property
    def failed(self) -> bool:
        """Whether the result has no answer."""
        return self.category in FAILURES

    @property
    def bad(self) -> bool:
        """Whether someone should look at the result: it is wrong or failed."""
        return self.failed or self.category is Category.WRONG
