"""Types of numeric options: finite floats, and integers of at most 64 bits."""

from __future__ import annotations

import math
from typing import Any

import click
from click.types import FloatParamType, IntParamType

LARGEST_INTEGER = 2**63 - 1
"""The largest integer of SCIP, SQLite and PostgreSQL."""


class _Finite(click.ParamType[Any]):
    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return number


class _SixtyFourBits(click.ParamType[Any]):
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        number = int(super().convert(value, param, ctx))
        if abs(number) > LARGEST_INTEGER:
            self.fail(f"the number is too large; the largest is {LARGEST_INTEGER}.", param, ctx)
        return number


class FiniteFloat(_Finite, FloatParamType):
    """A float; NaN and infinity are rejected."""

    name = "number"


class KnobValue(FiniteFloat):
    """The single value of a knob in a run; a list is rejected, with the command that accepts it."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number."""
        if "," in str(value):
            self.fail(f"{value!r}: a run has one value; bench sweep takes a list.", param, ctx)
        return super().convert(value, param, ctx)


class FiniteFloatRange(_Finite, click.FloatRange):
    """A float in a range; NaN and infinity are rejected even if the range is unbounded."""

    name = "number"


class Integer(_SixtyFourBits, IntParamType):
    """An integer of at most 64 bits."""


class IntegerRange(_SixtyFourBits, click.IntRange):
    """An integer in a range, of at most 64 bits even if the range is unbounded."""

    name = "integer"
