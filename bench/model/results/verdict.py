"""A verdict: what we conclude from an answer and an execution."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Category(StrEnum):
    """The classes of verdicts; docs/verdicts.md has the rules.

    ``SOLVED`` is a final status that a reference or another solver confirms, ``UNCONFIRMED`` one
    that nothing contradicts and nothing confirms, ``LIMIT`` ended at a limit with nothing
    contradicted, ``WRONG`` is contradicted. The others came to no answer: ``UNREADABLE`` was
    refused by a reader, ``UNSUPPORTED`` is of a class of problems that the solver does not solve,
    ``CRASHED`` ended by itself, ``KILLED`` by somebody else, ``INTERRUPTED`` by the user, and
    ``SKIPPED`` was not executed.
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
        """Read what journals, tables and options of earlier versions have."""
        return cls(RENAMED[value]) if isinstance(value, str) and value in RENAMED else None


RENAMED = {"failed": Category.CRASHED.value, "solved_unverified": Category.UNCONFIRMED.value}
"""Verdicts that earlier versions called otherwise, by the names they had."""
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
"""What came to no answer; together they are called *failed*."""


REFERENCE = "reference"
"""Confirmed by what is known of the instance."""


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
    """The conclusion, the reason for it in words, and what others call the same answer.

    ``kind`` says which limit or which error it is; only those two categories have one.
    ``scip_check`` is the status in SCIP's check scripts, ``ipet`` that of ipet.
    ``confirmed_by`` is who came to the same answer: ``reference``, or the name of a solver of
    another code base; only what is solved has one.
    """

    category: Category
    reason: str
    kind: VerdictKind | None = None
    scip_check: str = ""
    ipet: str = ""
    confirmed_by: str = ""

    def __post_init__(self) -> None:
        """Take over what earlier versions recorded: they knew of confirmation by references alone.

        ``solved`` in the tables of others means the same.
        """
        if self.category is Category.SOLVED and not self.confirmed_by:
            object.__setattr__(self, "confirmed_by", REFERENCE)

    @property
    def solved(self) -> bool:
        """Whether the instance counts as solved."""
        return self.category in {Category.SOLVED, Category.UNCONFIRMED}

    @property
    def failed(self) -> bool:
        """Whether there is no answer."""
        return self.category in FAILURES

    @property
    def bad(self) -> bool:
        """Whether somebody should look at it: wrong or failed."""
        return self.failed or self.category is Category.WRONG
