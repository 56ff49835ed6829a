"""Knobs: short names that a function turns into solver parameters.

``alpha`` and ``l1_ratio`` weight SCIP's hybrid cut selector as elastic-net regression weights its
penalties: alpha says how strongly, l1_ratio how mixed. ``(0.2, 0.5)`` is stock SCIP.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from bench.errors import UsageError
from bench.model.setting import ParameterValue

OBJECTIVE = "cutselection/hybrid/objparalweight"
SUPPORT = "cutselection/hybrid/intsupportweight"
STOCK = {"alpha": 0.2, "l1_ratio": 0.5}
SOLVER = "scip"


def elastic_net(alpha: float | None, l1_ratio: float | None) -> dict[str, ParameterValue]:
    """Return the two cut selection weights; a knob left None keeps its stock value.

    ``objparalweight = alpha * l1_ratio`` and ``intsupportweight = alpha * (1 - l1_ratio)``.
    Both None: no parameter at all. Raise UsageError outside alpha >= 0, 0 <= l1_ratio <= 1.
    """
    if alpha is None and l1_ratio is None:
        return {}
    alpha = STOCK["alpha"] if alpha is None else alpha
    l1_ratio = STOCK["l1_ratio"] if l1_ratio is None else l1_ratio
    if not (math.isfinite(alpha) and 0 <= alpha <= 1):
        raise UsageError(f"alpha = {alpha:g}: outside [0, 1]")
    if not 0 <= l1_ratio <= 1:
        raise UsageError(f"l1_ratio = {l1_ratio:g}: outside [0, 1]")
    return {OBJECTIVE: alpha * l1_ratio, SUPPORT: alpha * (1 - l1_ratio)}


def effective(
    params: Mapping[str, ParameterValue], alpha: float | None, l1_ratio: float | None
) -> dict[str, float]:
    """Return the value of each knob that is in force, also where it is stock.

    Where the two weights were set by their own names, the knobs that amount to the same.
    """
    knobs = {
        "alpha": STOCK["alpha"] if alpha is None else alpha,
        "l1_ratio": STOCK["l1_ratio"] if l1_ratio is None else l1_ratio,
    }
    if alpha is None and l1_ratio is None and not {OBJECTIVE, SUPPORT}.isdisjoint(params):
        objective = float(params.get(OBJECTIVE, STOCK["alpha"] * STOCK["l1_ratio"]))
        support = float(params.get(SUPPORT, STOCK["alpha"] * (1 - STOCK["l1_ratio"])))
        total = objective + support
        knobs = {"alpha": total, "l1_ratio": objective / total if total else STOCK["l1_ratio"]}
    return knobs
