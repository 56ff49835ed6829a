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
