"""What every task's process needs to know, found out once when the fork server loads this."""

from __future__ import annotations

from bench.solvers.scip.solving import stock, versions

__all__ = ["stock", "versions"]

stock()
versions()
