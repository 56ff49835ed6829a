"""A scale: from what is measured to where it is drawn, with ticks at round numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import Self

N_TICKS = 6
ROUND = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Maps ``low`` to ``start`` and ``high`` to ``end``, evenly or by the logarithm.

    ``whole`` is for counts: there are no ticks between them.
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False
    whole: bool = False

    @classmethod
    def of(
        cls,
        values: Iterable[float],
        start: float,
        end: float,
        *,
        log: bool = False,
        whole: bool = False,
    ) -> Self:
        """Return a scale that has room for all values; on a logarithmic one the positive count."""
        known = [each for each in values if math.isfinite(each) and (each > 0 or not log)]
        low, high = (min(known), max(known)) if known else (1.0, 1.0)
        if log:
            room = max((high / low) ** 0.04, 1.05)
            return cls(low=low / room, high=high * room, start=start, end=end, log=True)
        room = 0.04 * (high - low) or max(abs(low), 1.0) / 2
        return cls(low=low - room, high=high + room, start=start, end=end, whole=whole)

    def at(self, value: float) -> float:
        """Return where a value is drawn; what has no logarithm is drawn at the low end."""
        if self.log:
            value = max(value, self.low / 10)
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[tuple[float, str]]:
        """Return some round numbers on the scale with their labels, ascending."""
        if self.log and self.high / self.low >= 8:
            return [(value, f"{value:g}") for value in _decades(self.low, self.high)]
        values, step = _steps(self.low, self.high, 1.0 if self.whole else 0.0)
        return [(value, _label(value, step, self)) for value in values]


def _decades(low: float, high: float) -> list[float]:
    """Return powers of ten, with their doubles and halves where there are few."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    every = math.ceil(len(exponents) / (N_TICKS + 2))
    factors = ROUND[:3] if len(exponents) <= 4 else ROUND[:1]
    powers = [10.0**each for each in exponents if each % every == 0]
    return [k * power for power in powers for k in factors if low <= k * power <= high]


def _steps(low: float, high: float, least: float) -> tuple[list[float], float]:
    least = max(least, (high - low) / N_TICKS)
    power = 10.0 ** math.floor(math.log10(least))
    step = next(k * power for k in ROUND if k * power >= least * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    values = ((first + k) * step for k in range(4 * N_TICKS))
    return list(takewhile(lambda value: value <= high + 1e-9 * step, values)), step


def _label(value: float, step: float, scale: Scale) -> str:
    most = max(abs(scale.low), abs(scale.high))
    if not 1e-4 <= most < 1e7:
        return f"{value:.{max(0, _power(most) - _power(step))}e}" if value else "0"
    decimals = max(0, -_power(step))
    return f"{value:.{decimals}f}" if value else "0"


def _power(value: float) -> int:
    return math.floor(math.log10(value) + 1e-9)
