"""Tolerances: the largest difference of numbers without a contradiction."""

from __future__ import annotations

REFERENCE_TOLERANCE = 1e-4
"""For an answer and a reference (ipet's ``tol``; SCIP's ``check.awk`` has 1e-5, which is finer than
the digits of many published references).
"""

CLOSED_TOLERANCE = 1e-4
"""For the two bounds of a claim to be optimal (HiGHS's default ``mip_rel_gap``; ``check.awk`` has
the same as an absolute value).
"""

CONSISTENCY_TOLERANCE = 1e-4
"""For the bounds of two runs of one instance, as ipet compares them."""


def at_least(a: float, b: float, tolerance: float) -> bool:
    """Return whether ``a >= b`` up to the tolerance x max(|a|, |b|, 1), as in ipet."""
    return a >= b - tolerance * max(abs(a), abs(b), 1.0)


def near(a: float, b: float, tolerance: float) -> bool:
    """Return whether two numbers are equal up to the tolerance x max(|a|, |b|, 1)."""
    return at_least(a, b, tolerance) and at_least(b, a, tolerance)
