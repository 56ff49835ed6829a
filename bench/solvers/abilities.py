"""The features of a solver for `bench solvers list`; a version may lack some of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bench.solvers.declaration import Declaration


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """The features and outputs of a solver; None is unknown.

    It reads the ``formats``, and its time limit counts by the ``clocks``. It ``permutes``
    instances, accepts a ``seed``, has ``threads``, and reports ``bounds_over_time``, the
    primal-dual ``integral`` and its ``deterministic_time``. ``n_parameters`` is the size of its
    catalogue. ``size_limit`` describes the problems that its licence allows, empty for all.
    """

    formats: tuple[str, ...] = ()
    clocks: tuple[str, ...] = ()
    permutes: bool | None = None
    seed: bool | None = None
    threads: bool | None = None
    bounds_over_time: bool | None = None
    integral: bool | None = None
    deterministic_time: bool | None = None
    n_parameters: int = 0
    size_limit: str = ""


def has_seed(solver: Any) -> bool:
    """Whether a solver's search depends on a random seed; the default is yes."""
    return bool(getattr(solver, "has_seed", True))


def abilities_of(solver: Any) -> Abilities:
    """Return the features that a solver reports, or those implied by its declaration."""
    if hasattr(solver, "abilities"):
        found: Abilities = solver.abilities()
        return found
    declared = getattr(solver, "declaration", None)
    return Abilities(
        formats=tuple(sorted(declared.formats)) if isinstance(declared, Declaration) else (),
        clocks=("cpu", "wall") if getattr(solver, "counts_cpu_time", True) else ("wall",),
        permutes=solver.permutes,
        threads="threads" in solver.limit_parameters.values(),
        n_parameters=len(solver.parameters()),
    )
