"""Answers that files of others report, completed by what they imply, so that they can be judged."""

from __future__ import annotations

from dataclasses import replace

from bench.model.instances.problem import ProblemStatistics, Sense
from bench.model.results.solver_output import SolverOutput


def sense_of(answer: SolverOutput) -> Sense:
    """Return the direction of the objective: as told, else as the bounds lie to each other."""
    if answer.problem is not None:
        return answer.problem.sense
    primal, dual = answer.primal_bound, answer.dual_bound
    maximizes = primal is not None and dual is not None and dual > primal
    return Sense.MAXIMIZE if maximizes else Sense.MINIMIZE


def lacks_value(answer: SolverOutput) -> bool:
    """Whether an optimum is claimed without its value, so that there is nothing to judge."""
    return answer.status == "optimal" and answer.primal_bound is None


def completed(answer: SolverOutput, sense: Sense) -> SolverOutput:
    """Return the answer with what its status implies: "optimal" is that the bounds are equal."""
    if answer.status == "optimal" and answer.dual_bound is None:
        answer = replace(answer, dual_bound=answer.primal_bound)
    return answer if answer.problem else replace(answer, problem=_directed(sense))


def _directed(sense: Sense) -> ProblemStatistics:
    """Return a problem of which nothing but the direction is known; it is kept nowhere."""
    return ProblemStatistics(
        n_vars=0,
        n_bins=0,
        n_ints=0,
        n_conts=0,
        n_conss=0,
        n_nonzeros=None,
        n_equalities=None,
        n_bins_declared=0,
        n_ints_declared=0,
        sense=sense,
        objective_offset=0.0,
    )
