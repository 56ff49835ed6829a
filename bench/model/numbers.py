"""Numbers as they are recorded: finite, or missing, and within what tables and databases hold."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

if TYPE_CHECKING:
    from annotated_types import Interval, Predicate
else:
    try:
        from annotated_types import Interval, Predicate
    except ImportError:  # a solver's own environment, where nothing is read back from files

        def _unchecked(*_: object, **__: object) -> None:
            """Stand in for what only pydantic looks at."""

        Interval = Predicate = _unchecked

INFINITY = 1e20
"""From this magnitude on a number means "infinite", as in SCIP."""
LARGEST = 2**63 - 1
LONGEST_S = 1e12
LAST_MOMENT = 253_402_300_799


def is_duration(value: float) -> bool:
    """Whether these may be the seconds that something took: below 30,000 years, or unknown."""
    return not abs(value) > LONGEST_S


def is_moment(value: float) -> bool:
    """Whether these may be seconds since the epoch: from 1970 to 9999, or unknown."""
    return not (value < 0 or value > LAST_MOMENT)


Whole = Annotated[int, Interval(ge=-LARGEST, le=LARGEST)]
"""A whole number of at most 64 bits. What is read from files is held against it by pydantic."""
Seconds = Annotated[float, Predicate(is_duration)]
"""A time that something took, in seconds; NaN where it is not known."""
Moment = Annotated[float, Predicate(is_moment)]
"""A moment, in seconds since the epoch; NaN where it is not known."""
KnownSeconds = Annotated[Seconds, Predicate(math.isfinite)]
"""A time that is known, as it places something in time."""
KnownMoment = Annotated[Moment, Predicate(math.isfinite)]
"""A moment that is known, as dates are made of it."""


def number(value: float | None) -> float | None:
    """Return the value as float, or None where it is missing, not finite or means "infinite"."""
    if value is None or not math.isfinite(value) or abs(value) >= INFINITY:
        return None
    return float(value)
