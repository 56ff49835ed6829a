"""Names of solvers: ``scip`` is bench's own, ``scip@9.2.4`` is in another environment.

The part before ``@`` is the family, which versions of one solver share.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

SIGN = "@"
BUILD = "+"
"""The separator before the digest of a build in a version."""


def family(solver: str) -> str:
    """Return the part of a solver's name that all its versions share."""
    return solver.partition(SIGN)[0]


def title(solver: str, version: str) -> str:
    """Return a solver's name with its version, e.g. ``scip@9.2.4``, ``mine@10.0.2``, ``scip``."""
    return solver if SIGN in solver or not version else f"{solver}{SIGN}{version}"


def text(solver: str, version: str) -> str:
    """Return a solver with its version for people, e.g. ``scip 10.0.2``, ``scip@9.2.4``."""
    if version and solver.endswith(f"{SIGN}{version}"):
        return solver
    return " ".join(filter(None, (solver, version)))


def matches(pattern: str, solver: str, version: str) -> bool:
    """Return whether a pattern matches this version of a solver.

    ``scip`` matches every version of SCIP, ``scip@9`` those that begin with 9, and ``scip@9.2.4``
    that version in any environment and build. ``scip@9*`` and ``*`` are shell patterns for name and
    version.
    """
    names = {solver, title(family(solver), version)}
    if re.search(r"[*?\[]", pattern):
        return any(fnmatchcase(name, pattern) for name in names)
    wanted, sign, number = pattern.partition(SIGN)
    if pattern in names:
        return True
    if wanted not in {solver, family(solver)}:
        return False
    plain = version.partition(BUILD)[0]
    return not sign or number in {version, plain} or version.startswith(f"{number}.")


def version_order(version: str) -> tuple[tuple[int, str], ...]:
    """Return a sort key for versions: 9.2.4 before 9.10.0 before 10.0.0."""
    parts = re.findall(r"\d+|[^\d.]+", version)
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)
