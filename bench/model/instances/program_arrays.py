"""A linear program as arrays, to compare two readings of a large file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from bench.model.instances.problem import Sense

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Numbers: TypeAlias = "NDArray[np.float64]"
Indices: TypeAlias = "NDArray[np.int64]"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramArrays:
    """Columns and linear rows in file order; infinite bounds and sides as ``inf``.

    The entries are those of the matrix in any order: row, column and coefficient of each.
    """

    column_names: list[str]
    lower: Numbers
    upper: Numbers
    objective: Numbers
    integral: NDArray[np.bool_]
    row_names: list[str]
    lhs: Numbers
    rhs: Numbers
    rows: Indices
    columns: Indices
    coefficients: Numbers
    sense: Sense
    objective_offset: float
