"""Facts that every task's process needs, determined once when the fork server imports this."""

from __future__ import annotations

from bench.solvers.scip.solving import stock, versions

__all__ = ["stock", "versions"]

stock()
versions()
