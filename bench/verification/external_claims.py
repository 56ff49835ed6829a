"""Imported answers, completed by their implications, so that they can be judged."""

from __future__ import annotations

from dataclasses import replace

from bench.model.instances.problem import ProblemStatistics, Sense
from bench.model.results.solver_output import SolverOutput


def sense_of(answer: SolverOutput) -> Sense:
    """Return the direction of the objective: as given, else from the order of the bounds."""
    if answer.problem is not None:
        return answer.problem.sense
    primal, dual = answer.primal_bound, answer.dual_bound
    maximizes = primal is not None and dual is not None and dual > primal
    return Sense.MAXIMIZE if maximizes else Sense.MINIMIZE


def lacks_value(answer: SolverOutput) -> bool:
    """Return whether an optimum is claimed without its value, so that it cannot be judged."""
    return answer.status == "optimal" and answer.primal_bound is None


def completed(answer: SolverOutput, sense: Sense) -> SolverOutput:
    """Return the answer with the implications of its status: "optimal" means equal bounds."""
    if answer.status == "optimal" and answer.dual_bound is None:
        answer = replace(answer, dual_bound=answer.primal_bound)
    return answer if answer.problem else replace(answer, problem=_directed(sense))


def _directed(sense: Sense) -> ProblemStatistics:
    """Return a problem with only a known direction; it is not stored."""
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
