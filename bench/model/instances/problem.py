"""Problem statistics: sizes and ranges of an instance, before and after presolve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bench.model.numbers import Whole

CONSTRAINT_CLASSES = (
    "empty",
    "free",
    "singleton",
    "aggregation",
    "precedence",
    "varbound",
    "setpartition",
    "setpacking",
    "setcovering",
    "cardinality",
    "invknapsack",
    "eqknapsack",
    "binpacking",
    "knapsack",
    "intknapsack",
    "mixedbinary",
    "general",
)
"""The 17 classes of linear constraints of MIPLIB 2017, in its order (most special first)."""


class Sense(StrEnum):
    """Direction of the objective."""

    MINIMIZE = "minimize"
    MAXIMIZE = "maximize"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Sizes of a problem in the solver.

    ``n_conss`` counts constraints of any kind. ``n_impls`` counts continuous or integer columns
    that the solver has marked as implied integral; they are in none of the other three.
    """

    n_vars: Whole
    n_bins: Whole
    n_ints: Whole
    n_impls: Whole
    n_conts: Whole
    n_conss: Whole
    n_nonzeros: Whole | None


@dataclass(frozen=True, slots=True)
class Range:
    """Smallest and largest magnitude of a set of non-zero numbers."""

    smallest: float
    largest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemStatistics:
    """Statistics of the file before any presolve.

    An integer column with bounds inside [0, 1] counts in ``n_bins``, regardless of its type in the
    file format; ``n_bins_declared`` and ``n_ints_declared`` are the solver's own counts.
    ``n_nonzeros``, ``density`` (share of non-zeros in the matrix) and ``n_equalities`` refer to
    linear rows; they are None if the problem has other rows. ``classes`` counts the linear rows by
    the 17 classes of MIPLIB 2017 (a ranged row counts once for each side).
    """

    n_vars: Whole
    n_bins: Whole
    n_ints: Whole
    n_conts: Whole
    n_conss: Whole
    n_nonzeros: Whole | None
    n_equalities: Whole | None
    n_bins_declared: Whole
    n_ints_declared: Whole
    sense: Sense
    objective_offset: float
    matrix_range: Range | None = None
    objective_range: Range | None = None
    rhs_range: Range | None = None
    bound_range: Range | None = None
    classes: Mapping[str, Whole] = field(default_factory=dict)

    @property
    def density(self) -> float | None:
        """Share of non-zeros in the constraint matrix, in [0, 1]."""
        cells = self.n_vars * self.n_conss
        return None if self.n_nonzeros is None or cells == 0 else self.n_nonzeros / cells

    @property
    def classes_present(self) -> dict[str, int]:
        """The classes of linear rows that occur, with their counts."""
        return {name: n for name, n in self.classes.items() if n}

    @property
    def shares(self) -> dict[str, float]:
        """Share of binary, integer and continuous columns, each in [0, 1]."""
        counts = {"bins": self.n_bins, "ints": self.n_ints, "conts": self.n_conts}
        return {name: n / self.n_vars for name, n in counts.items()} if self.n_vars else {}
