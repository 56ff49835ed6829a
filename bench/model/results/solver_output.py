"""An answer: what the solver claims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.model.instances.problem import Counts, ProblemStatistics
from bench.model.numbers import KnownMoment, KnownSeconds, Seconds, Whole, number
from bench.model.setting import ParameterValue

GAP_PERCENTS = (10, 5, 1)
"""The gaps whose times stand in a table of results."""


def time_to_gap_column(percent: int) -> str:
    """Return the column of the seconds until a gap."""
    return f"time_to_gap_{percent}_percent_s"


@dataclass(frozen=True, slots=True)
class TracePoint:
    """The bounds at one moment of the solve (seconds since its start); None where none is known."""

    time_s: KnownSeconds
    primal_bound: float | None
    dual_bound: float | None
    n_nodes: Whole
    incumbent: bool = False

    @property
    def gap(self) -> float:
        """The gap of the primal-dual integral: ``|p - d| / max(|p|, |d|)`` in [0, 1].

        It is 1 where a bound is missing or the signs differ (Berthold 2013; SCIP's ``stat.c``).
        """
        primal, dual = number(self.primal_bound), number(self.dual_bound)
        if primal is None or dual is None:
            return 1.0
        if primal == dual:
            return 0.0
        if primal * dual <= 0:
            return 1.0
        return abs(primal - dual) / max(abs(primal), abs(dual))


@dataclass(frozen=True, slots=True, kw_only=True)
class SolverOutput:
    """What the solver claims about one task. A number that it does not have is None.

    ``status`` is the solver's own word; None where it came to none, and then ``error`` says why.
    ``gap`` is relative (0.01 is 1 %), by the solver's own definition. Times are by the task's
    clock, but for ``solve_wall_s`` and ``solve_cpu_s``, which stand side by side whatever the
    clock, measured around the solve alone. ``deterministic_time`` is the solver's
    machine-independent measure of effort.
    ``primal_dual_integral`` is in percent x seconds, as SCIP defines it.
    ``solve_started_at`` is seconds since the epoch. ``params`` is what differs from the solver's
    defaults, as the solver itself reports it. ``normalized_by`` is the solver whose reading of the
    instance was written as a new file for this one, empty where it has read the instance itself.
    ``is_from_log`` says that bounds and counts are what the solver has printed.
    """

    status: str | None = None
    error: str | None = None
    primal_bound: float | None = None
    dual_bound: float | None = None
    gap: float | None = None
    n_nodes: Whole | None = None
    n_lp_iterations: Whole | None = None
    n_solutions: Whole | None = None
    read_time_s: Seconds | None = None
    presolve_time_s: Seconds | None = None
    solve_time_s: Seconds | None = None
    solve_wall_s: Seconds | None = None
    solve_cpu_s: Seconds | None = None
    deterministic_time: float | None = None
    first_incumbent_time_s: Seconds | None = None
    first_primal_bound: float | None = None
    primal_dual_integral: float | None = None
    solve_started_at: KnownMoment | None = None
    problem: ProblemStatistics | None = None
    presolved: Counts | None = None
    trace: tuple[TracePoint, ...] = ()
    params: Mapping[str, ParameterValue] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    reader_warnings: tuple[str, ...] = ()
    normalized_by: str = ""
    is_from_log: bool = False

    @property
    def times_to_gap_s(self) -> dict[int, float | None]:
        """The seconds until the gap of the bounds was at most as many percent.

        The gap is that of :attr:`TracePoint.gap`. What is optimal has reached any gap at its end.
        None is not reached, or not known.
        """
        at_end = self.solve_time_s if self.status == "optimal" and self.trace else None
        return {
            percent: next(
                (point.time_s for point in self.trace if point.gap <= percent / 100), at_end
            )
            for percent in GAP_PERCENTS
        }
