"""What a solver can do, as `bench solvers list` shows it; a version may lack some of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bench.solvers.declaration import Declaration


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What can be asked of a solver and what it tells; None is not known.

    ``formats`` it reads, ``clocks`` its time limit can count by. ``permutes`` instances, takes a
    ``seed``, has ``threads``, tells ``bounds_over_time``, the primal-dual ``integral`` and its
    ``deterministic_time``. ``n_parameters`` stand in its catalogue. ``size_limit`` says which
    problems its licence allows, empty for all.
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
    """Whether a solver's search depends on a random seed; one that does not say so has one."""
    return bool(getattr(solver, "has_seed", True))


def abilities_of(solver: Any) -> Abilities:
    """Return what a solver says it can do, or what follows from how it is declared."""
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
