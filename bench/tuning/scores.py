"""The cost of a solve in a race."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from bench.comparison.integrals import step_integral
from bench.model.numbers import number
from bench.model.results.process_stats import Termination
from bench.model.results.result import Result
from bench.model.results.verdict import Category

SHIFT_S = 0.1
"""Added to costs before the logarithm, so that noise of milliseconds has little effect."""

PENALTY = 10.0
"""Solves that do not end within the time limit cost this many times the limit (PAR10)."""

NOTHING_TO_GAIN_S = 0.02
"""If no instance takes longer, there is nothing to gain."""


class Objective(StrEnum):
    """The objective of a tuning.

    ``CPU`` is the CPU seconds of verified solves, ``INTEGRAL`` the primal-dual integral of solves
    that all end at the time limit.
    """

    CPU = "cpu"
    INTEGRAL = "primal_dual_integral"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One solve: its CPU seconds in the budget, and its score in the race.

    ``score`` is infinite if the answer is wrong. ``at_limit``: it ended at its time limit.
    """

    cpu_s: float
    score: float
    at_limit: bool = False

    @property
    def log(self) -> float:
        """The logarithm of the shifted score."""
        return math.log(self.score + SHIFT_S) if math.isfinite(self.score) else math.inf


def cost_of(result: Result, objective: Objective, cap_s: float | None) -> Cost:
    """Return the cost of a result whose time limit is the cap, None for the usual one.

    Beyond a cap below the usual limit, the time is unknown: it counts as twice the cap.
    """
    cpu_s = number(result.execution.cpu_s)
    if cpu_s is None:
        cpu_s = number(result.answer.solve_cpu_s) or result.execution.known_wall_s
    solve_s = number(result.answer.solve_cpu_s)
    solve_s = cpu_s if solve_s is None else solve_s
    verdict = result.verdict
    limit_s = result.task.limits.time_s or solve_s
    if verdict.category is Category.WRONG:
        return Cost(cpu_s=cpu_s, score=math.inf)
    if objective is Objective.INTEGRAL:
        if verdict.bad:
            return Cost(cpu_s=cpu_s, score=PENALTY * limit_s)
        horizon = limit_s
        steps = [(point.time_s, point.gap) for point in result.answer.trace]
        return Cost(cpu_s=cpu_s, score=step_integral(steps, horizon))
    if verdict.solved:
        return Cost(cpu_s=cpu_s, score=solve_s)
    at_limit = result.execution.termination is Termination.TIME
    if at_limit and cap_s is not None:
        return Cost(cpu_s=cpu_s, score=2 * cap_s, at_limit=True)
    return Cost(cpu_s=cpu_s, score=PENALTY * limit_s, at_limit=at_limit)
