"""A verdict: what we conclude from an answer and an execution."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Category(StrEnum):
    """The classes of verdicts; docs/verdicts.md has the rules.

    ``SOLVED`` is confirmed by a reference, ``UNVERIFIED`` a final status that nothing contradicts
    and nothing confirms, ``LIMIT`` ended at a limit with nothing contradicted, ``WRONG`` is
    contradicted. The others came to no answer: ``UNREADABLE`` was refused by a reader,
    ``UNSUPPORTED`` is of a class of problems that the solver does not solve,
    ``CRASHED`` ended by itself, ``KILLED`` by somebody else, ``INTERRUPTED`` by the user, and
    ``SKIPPED`` was not executed.
    """

    SOLVED = "solved"
    UNVERIFIED = "solved_unverified"
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
        """Read ``failed``, as journals of earlier versions have it."""
        return cls.CRASHED if value == "failed" else None


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
    """

    category: Category
    reason: str
    kind: VerdictKind | None = None
    scip_check: str = ""
    ipet: str = ""

    @property
    def solved(self) -> bool:
        """Whether the instance counts as solved."""
        return self.category in {Category.SOLVED, Category.UNVERIFIED}

    @property
    def failed(self) -> bool:
        """Whether there is no answer."""
        return self.category in FAILURES

    @property
    def bad(self) -> bool:
        """Whether somebody should look at it: wrong or failed."""
        return self.failed or self.category is Category.WRONG
