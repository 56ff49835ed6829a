"""What HiGHS declares of itself, known without loading it."""

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
"""Which of HiGHS's own options is which field of Limits."""
BUNDLED = ("highspy/_core*.so",)
"""The file of HiGHS in the wheel of highspy."""
