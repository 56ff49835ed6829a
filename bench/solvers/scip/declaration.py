"""The declaration of SCIP, available without loading it."""

from __future__ import annotations

from bench.instances.files import FORMATS
from bench.solvers.declaration import Declaration

DECLARATION = Declaration(
    code_base="scip",
    title="SCIP",
    formats=frozenset(FORMATS),
    package="pyscipopt",
    takes_start=True,
    takes_plug_ins=True,
)
LIMIT_PARAMETERS = {
    "limits/time": "time_s",
    "limits/memory": "memory_mib",
    "limits/nodes": "nodes",
    "limits/gap": "gap",
}
"""Maps SCIP's own parameters to fields of Limits."""
BUNDLED = ("pyscipopt/scip*.so", "pyscipopt.libs/libscip*")
"""The files of SCIP in the wheel of pyscipopt; in other builds, SCIP is outside of the package."""
