"""Types of arrays, and conversions to numbers for JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def any_of(values: Bools) -> Bools:
    """Return for each row whether any element is true."""
    return np.asarray(values.any(axis=1), dtype=np.bool_)


def all_of(values: Bools) -> Bools:
    """Return for each row whether all elements are true."""
    return np.asarray(values.all(axis=1), dtype=np.bool_)


def combined(columns: Sequence[Ints]) -> Ints:
    """Return one number for each combination of whole numbers, in their order."""
    codes = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        least = int(column.min())
        codes = codes * (int(column.max()) - least + 1) + (column - least)
    return codes


def number(value: Any) -> float | None:
    """Return a float, or None if it is not finite."""
    result = float(value)
    return result if math.isfinite(result) else None
