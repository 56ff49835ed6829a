"""What SCIP declares of itself, known without loading it."""

from __future__ import annotations

from bench.instances.files import FORMATS
from bench.solvers.declaration import Declaration

DECLARATION = Declaration(
    code_base="scip",
    title="SCIP",
    formats=frozenset(FORMATS),
    package="pyscipopt",
    takes_start=True,
)
