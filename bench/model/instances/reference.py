"""A reference: what is known about an instance."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Known(StrEnum):
    """The tags of SCIP's check scripts: what a ``.solu`` file can contain about an instance."""

    OPTIMAL = "opt"
    INFEASIBLE = "inf"
    BEST = "best"
    BEST_DUAL = "bestdual"
    FEASIBLE = "feas"
    UNBOUNDED = "unbd"
    UNKNOWN = "unkn"


@dataclass(frozen=True, slots=True)
class Reference:
    """The known status of an instance, with the optimal or best known value if there is one."""

    known: Known
    value: float | None = None
    dual_value: float | None = None

    @property
    def text(self) -> str:
        """Status and value, e.g. ``opt 3089.0``."""
        value = "" if self.value is None else f" {self.value!r}"
        return f"{self.known.value}{value}"
