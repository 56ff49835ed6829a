"""Solvers as other packages may bring them along, for tests of what they declare."""

from __future__ import annotations

from bench.solvers.declaration import Declaration
from bench.solvers.fake import Fake
from bench.solvers.scip.solver import Scip


class OldScip(Scip):
    """Another version of SCIP, which reads files as SCIP does."""

    name = "scip-old"
    declaration = Declaration(code_base="scip", title="Old SCIP", formats=frozenset({"mps"}))


class Third(Scip):
    """A reader that has nothing in common with SCIP, as far as it says."""

    name = "third"
    declaration = Declaration(code_base="third", title="Third", formats=frozenset({"mps", "lp"}))


class Undeclared(Fake):
    """A solver written before there were declarations."""

    name = "undeclared"


class Broken(Fake):
    """A solver that cannot even be made."""

    def __init__(self) -> None:
        """Fail."""
        raise OSError("no license")
