"""Statuses: SCIP's words for the end of a solve, and their claims."""

from __future__ import annotations

from bench.model.instances.problem import Sense
from bench.model.results.solver_output import SolverOutput
from bench.model.results.verdict import VerdictKind

INFEASIBLE = frozenset({"infeasible", "inforunbd"})
UNBOUNDED = frozenset({"unbounded", "inforunbd"})
FINAL = frozenset({"optimal"}) | INFEASIBLE | UNBOUNDED

LIMITS = {
    "timelimit": VerdictKind.TIME,
    "memlimit": VerdictKind.MEMORY,
    "nodelimit": VerdictKind.NODES,
    "totalnodelimit": VerdictKind.NODES,
    "stallnodelimit": VerdictKind.NODES,
    "gaplimit": VerdictKind.GAP,
    "sollimit": VerdictKind.SOLUTIONS,
    "bestsollimit": VerdictKind.SOLUTIONS,
    "primallimit": VerdictKind.OTHER,
    "duallimit": VerdictKind.OTHER,
    "restartlimit": VerdictKind.OTHER,
    "iterlimit": VerdictKind.OTHER,
}
"""The limit in a status."""


def direction(answer: SolverOutput) -> int:
    """Return 1 where small values are better, -1 for a maximisation."""
    problem = answer.problem
    return -1 if problem is not None and problem.sense is Sense.MAXIMIZE else 1
