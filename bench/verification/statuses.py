"""Statuses: the words in which solvers say how a solve has ended (SCIP's), and what they claim."""

from __future__ import annotations

from bench.model.answer import Answer
from bench.model.problem import Sense
from bench.model.verdict import Kind

INFEASIBLE = frozenset({"infeasible", "inforunbd"})
UNBOUNDED = frozenset({"unbounded", "inforunbd"})
FINAL = frozenset({"optimal"}) | INFEASIBLE | UNBOUNDED

LIMITS = {
    "timelimit": Kind.TIME,
    "memlimit": Kind.MEMORY,
    "nodelimit": Kind.NODES,
    "totalnodelimit": Kind.NODES,
    "stallnodelimit": Kind.NODES,
    "gaplimit": Kind.GAP,
    "sollimit": Kind.SOLUTIONS,
    "bestsollimit": Kind.SOLUTIONS,
    "primallimit": Kind.OTHER,
    "duallimit": Kind.OTHER,
    "restartlimit": Kind.OTHER,
    "iterlimit": Kind.OTHER,
}
"""The limit that a status speaks of."""


def direction(answer: Answer) -> int:
    """Return 1 where small values are better, -1 for a maximisation."""
    problem = answer.problem
    return -1 if problem is not None and problem.sense is Sense.MAXIMIZE else 1
