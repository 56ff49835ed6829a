"""Objective offsets: the constant of an objective, which some published values leave out."""

from __future__ import annotations

from bench.model.answer import Answer
from bench.model.reference import Reference

EXACT = 1e-6
"""How closely, relative to max(1, |value|), a difference has to be the offset: published values
have few digits, and no other difference should be taken for it."""


def hint(answer: Answer, reference: Reference) -> str:
    """Return what to say where claim and reference are apart by just the instance's offset.

    It stands behind the reason of a contradiction, and is empty where the offset is 0 or does not
    explain it. E.g. Netlib's e226: published -18.7519, with the constant 7.113 of its file
    -11.6389.
    """
    offset = 0.0 if answer.problem is None else answer.problem.objective_offset
    claims = (answer.primal_bound, answer.dual_bound)
    known = (reference.value, reference.dual_value)
    if offset and any(_apart_by(a, b, offset) for a in claims for b in known):
        return (
            f"; they differ by the objective offset {offset:.12g} of the instance: does the "
            "reference leave out the constant?"
        )
    return ""


def _apart_by(claim: float | None, known: float | None, offset: float) -> bool:
    if claim is None or known is None:
        return False
    return abs(claim - known - offset) <= EXACT * max(1.0, abs(claim), abs(known))
