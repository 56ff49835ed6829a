"""The solver output: the claims of a solver about a task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.model.instances.problem import Counts, ProblemStatistics
from bench.model.numbers import KnownMoment, KnownSeconds, Seconds, Whole, number
from bench.model.setting import ParameterValue

GAP_PERCENTS = (10, 5, 1)
"""The gaps for which the table of results has a time."""


def time_to_gap_column(percent: int) -> str:
    """Return the column of the time to a gap in seconds."""
    return f"time_to_gap_{percent}_percent_s"


@dataclass(frozen=True, slots=True)
class TracePoint:
    """The bounds at one time of the solve (seconds since its start); None if unknown."""

    time_s: KnownSeconds
    primal_bound: float | None
    dual_bound: float | None
    n_nodes: Whole
    incumbent: bool = False

    @property
    def gap(self) -> float:
        """The gap of the primal-dual integral: ``|p - d| / max(|p|, |d|)`` in [0, 1].

        It is 1 if a bound is missing or the signs differ (Berthold 2013; SCIP's ``stat.c``).
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
    """The claims of a solver about one task; None for a missing number.

    ``status`` is the status as the solver reports it; if there is none, it is None and ``error``
    gives the reason. ``gap`` is relative (0.01 is 1 %), by the solver's own definition. Times are
    by the task's clock, except for ``solve_wall_s`` and ``solve_cpu_s``, which are both measured
    around the solve alone. ``deterministic_time`` is the solver's machine-independent measure of
    effort. ``primal_dual_integral`` is in percent x seconds, as SCIP defines it.
    ``solve_started_at`` is seconds since the epoch. ``params`` are the parameters that differ from
    the solver's defaults, as the solver reports them. ``normalized_by`` is the solver that read the
    instance and wrote it as a new file for this one, empty if it has read the instance itself.
    ``is_from_log``: bounds and counts were read from the solver's log.
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
        """Return the time in seconds until the gap of the bounds was at most this many percent.

        The gap is that of :attr:`TracePoint.gap`. An optimal solve has reached any gap at its end.
        None if the gap was not reached, or if this is unknown.
        """
        at_end = self.solve_time_s if self.status == "optimal" and self.trace else None
        found: dict[int, float | None] = dict.fromkeys(GAP_PERCENTS, at_end)
        left = sorted(GAP_PERCENTS)
        for point in self.trace:
            gap = point.gap
            while left and gap <= left[-1] / 100:
                found[left.pop()] = point.time_s
            if not left:
                break
        return found
