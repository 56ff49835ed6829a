"""Two ways to compute: integers over one denominator, without any error, or doubles.

The same code uses both: a quantity is a number in units of ``unit`` (or of a multiple of it), so
that no division is needed before two quantities are compared.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Protocol


class Arithmetic(Protocol):
    """How values are represented and sums are computed."""

    exact: bool
    unit: float
    """The number 1 in the units of ``values``."""
    values: Sequence[float]
    """The solution by column, in units of ``unit``."""

    def scaled(self, numbers: Sequence[float]) -> tuple[Sequence[float], float]:
        """Return finite numbers times a common factor, and the factor."""
        ...

    def total(self, numbers: Iterable[float]) -> float:
        """Return the sum."""
        ...


class Rational:
    """Integers over a common denominator: rational arithmetic at the speed of Python's integers.

    A double represents its shortest decimal text. This is the text of the problem file for numbers
    of up to 15 significant digits, and otherwise the double that solvers saw, to its last bit: 0.9
    is 9/10 here, as in MIPLIB's checker, and not 8106479329266893/2**53.
    """

    exact = True

    def __init__(self, values: Iterable[Fraction]) -> None:
        """Convert the values to one denominator."""
        whole, unit = _over_one([value.as_integer_ratio() for value in values])
        self.values: Sequence[float] = whole
        self.unit: float = unit

    def scaled(self, numbers: Sequence[float]) -> tuple[list[int], int]:
        """Return the numbers as integers, and their common factor."""
        whole = list(map(int, numbers))
        if whole == list(numbers):
            return whole, 1
        return _over_one(list(map(_as_written, numbers)))

    def total(self, numbers: Iterable[float]) -> float:
        """Return the sum of integers."""
        return sum(numbers)


class Floating:
    """Doubles: products are rounded once, sums once (``math.fsum``)."""

    exact = False
    unit: float = 1.0

    def __init__(self, values: Iterable[Fraction]) -> None:
        """Round the values to doubles."""
        self.values: Sequence[float] = [float(value) if value else 0.0 for value in values]

    def scaled(self, numbers: Sequence[float]) -> tuple[Sequence[float], float]:
        """Return the numbers unchanged."""
        return numbers, 1.0

    def total(self, numbers: Iterable[float]) -> float:
        """Return the sum, rounded once."""
        return math.fsum(numbers)


def ratio(part: float, whole: float) -> float:
    """Return the quotient as the nearest double, at most the largest one."""
    try:
        return part / whole
    except OverflowError:
        return sys.float_info.max if part > 0 else -sys.float_info.max


@lru_cache(maxsize=1 << 16)
def _as_written(number: float) -> tuple[int, int]:
    """Return the shortest decimal of this double, over a power of ten if it has a decimal point.

    It is not in lowest terms: few denominators make it cheap to convert a row to one.
    """
    text = repr(float(number))
    if "e" in text:
        return Decimal(text).as_integer_ratio()
    whole, _, places = text.partition(".")
    return int(whole + places), 10 ** len(places)


def _over_one(ratios: Sequence[tuple[int, int]]) -> tuple[list[int], int]:
    """Return numerators over the least common denominator, and that denominator."""
    common = math.lcm(*{denominator for _, denominator in ratios})
    return [part * (common // denominator) for part, denominator in ratios], common
