"""The declaration of HiGHS, available without loading it."""

from __future__ import annotations

from bench.solvers.declaration import Declaration

DECLARATION = Declaration(
    code_base="highs",
    title="HiGHS",
    formats=frozenset({"mps", "lp"}),
    package="highspy",
    takes_start=True,
)
LIMIT_PARAMETERS = {
    "time_limit": "time_s",
    "mip_max_nodes": "nodes",
    "mip_rel_gap": "gap",
    "threads": "threads",
}
"""Maps HiGHS's own options to fields of Limits."""
BUNDLED = ("highspy/_core*.so",)
"""The file of HiGHS in the wheel of highspy."""
