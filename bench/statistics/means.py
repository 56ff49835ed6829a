"""Means: shifted geometric, geometric, arithmetic and penalised ones."""

from __future__ import annotations

import math
from collections.abc import Iterable

TIME_SHIFT_S = 1.0
TIME_CLIP_S = 0.5
SHORT_TIME_SHIFT_S = 0.1
SHORT_TIME_CLIP_S = 0.01
"""Shift and clip for solves so short that the usual ones would hide most of a difference."""
NODE_SHIFT = 100.0


def shifted_geometric_mean(
    values: Iterable[float], shift: float, clip: float | None = None
) -> float | None:
    """Return ``exp(mean(ln(max(v, clip) + shift))) - shift``, or None without values.

    Achterberg, Constraint Integer Programming (2007). Zero if ``shift`` is zero and a value is.
    """
    clipped = values if clip is None else (max(value, clip) for value in values)
    shifted = [value + shift for value in clipped]
    if not shifted:
        return None
    if min(shifted) <= 0:
        return 0.0
    return math.exp(math.fsum(map(math.log, shifted)) / len(shifted)) - shift


def geometric_mean(values: Iterable[float], clip: float | None = None) -> float | None:
    """Return the geometric mean of the values, each at least ``clip``, or None without values."""
    return shifted_geometric_mean(values, 0.0, clip)


def arithmetic_mean(values: Iterable[float]) -> float | None:
    """Return the arithmetic mean, or None without values."""
    known = list(values)
    return math.fsum(known) / len(known) if known else None
