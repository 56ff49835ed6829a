"""The modules that every task's process needs, loaded once by the fork server.

No HiGHS object is created here: threads of its scheduler would not survive the fork.
"""

from __future__ import annotations

from bench.solvers.highs.solving import versions

__all__ = ["versions"]

versions()
