"""A branching rule of SCIP in Python: the most fractional variable.

$ bench sweep instances/quick.test --include none,examples/plug-ins/branching.py:most_fractional
"""

from __future__ import annotations

from typing import Any

from pyscipopt import Branchrule, Model
from pyscipopt.scip import PY_SCIP_RESULT as SCIP_RESULT


class MostFractional(Branchrule):
    """Branches on the variable whose value is farthest from whole numbers."""

    def branchexeclp(self, allowaddcons: bool) -> dict[str, Any]:
        """Branch on a candidate of the LP solution."""
        candidates, _, fractions, n, *_ = self.model.getLPBranchCands()
        best = max(range(n), key=lambda at: min(fractions[at], 1 - fractions[at]))
        self.model.branchVar(candidates[best])
        return {"result": SCIP_RESULT.BRANCHED}


def most_fractional(model: Model) -> None:
    """Let the rule go before all others of SCIP."""
    model.includeBranchrule(
        MostFractional(),
        "mostfrac_python",
        "branches on the most fractional variable",
        priority=1_000_000,
        maxdepth=-1,
        maxbounddist=1.0,
    )
