"""Recorded numbers: finite or missing, and within the ranges of tables and databases."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

INFINITY = 1e20
"""Numbers of at least this magnitude mean "infinite", as in SCIP."""
LARGEST = 2**63 - 1
LONGEST_S = 1e12
LAST_MOMENT = 253_402_300_799


@dataclass(frozen=True, slots=True)
class Between:
    """Makes pydantic reject whole numbers outside these bounds; has no effect without pydantic."""

    least: int
    largest: int

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Return the schema of the whole numbers, with the bounds."""
        bounded: Any = {**handler(source), "ge": self.least, "le": self.largest}
        checked: CoreSchema = bounded
        return checked


@dataclass(frozen=True, slots=True)
class Checked:
    """Makes pydantic reject numbers for which the check is False; has no effect without pydantic.

    It replaces a predicate of `annotated_types`, whose import takes 10 ms.
    """

    is_valid: Callable[[float], bool]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Return the schema of the numbers, with the check behind it."""
        from pydantic_core import PydanticCustomError, core_schema  # noqa: PLC0415 - see above

        def checked(value: float) -> float:
            if not self.is_valid(value):
                raise PydanticCustomError("out_of_range", "out of range")
            return value

        return core_schema.no_info_after_validator_function(checked, handler(source))


def is_duration(value: float) -> bool:
    """Whether the value is a valid duration in seconds: below 30,000 years, or unknown."""
    return not abs(value) > LONGEST_S


def is_moment(value: float) -> bool:
    """Whether the value is a valid time since the epoch: from 1970 to 9999, or unknown."""
    return not (value < 0 or value > LAST_MOMENT)


Whole = Annotated[int, Between(-LARGEST, LARGEST)]
"""A whole number of at most 64 bits; pydantic checks numbers from files with it."""
Seconds = Annotated[float, Checked(is_duration)]
"""A duration in seconds; NaN if unknown."""
Moment = Annotated[float, Checked(is_moment)]
"""A point in time, in seconds since the epoch; NaN if unknown."""
KnownSeconds = Annotated[Seconds, Checked(math.isfinite)]
"""A known time, because it places something in time."""
KnownMoment = Annotated[Moment, Checked(math.isfinite)]
"""A known point in time, because dates are computed from it."""


def number(value: float | None) -> float | None:
    """Return the value as float, or None if it is missing, not finite or means "infinite"."""
    if value is None or not math.isfinite(value) or abs(value) >= INFINITY:
        return None
    return float(value)
