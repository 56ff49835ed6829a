"""A verdict: what we conclude from an answer and an execution."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Category(StrEnum):
    """The classes of verdicts.

    ``SOLVED`` agrees with a reference, ``UNVERIFIED`` is a claim that nothing contradicts,
    ``LIMIT`` ended at a limit with nothing contradicted, ``WRONG`` is contradicted,
    ``FAILED`` came to no answer.
    """

    SOLVED = "solved"
    UNVERIFIED = "solved_unverified"
    LIMIT = "limit"
    WRONG = "wrong"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The conclusion, and the reason for it in words."""

    category: Category
    reason: str

    @property
    def solved(self) -> bool:
        """Whether the instance counts as solved."""
        return self.category in {Category.SOLVED, Category.UNVERIFIED}
