"""SCIP's emphases: the parameters that each of them changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pyscipopt import Model
from pyscipopt.scip import PY_SCIP_PARAMEMPHASIS, PY_SCIP_PARAMSETTING

from bench.model.setting import ParameterValue

_GENERAL = (
    *("easycip", "feasibility", "hardlp", "optimality"),
    *("phasefeas", "phaseimprove", "phaseproof", "numerics", "cpsolver"),
)
"""All except those for counting solutions and for benchmarks with a memory limit."""
_PARTS = {
    "heuristics": Model.setHeuristics,
    "separating": Model.setSeparating,
    "presolving": Model.setPresolve,
}
_LEVELS = ("off", "fast", "aggressive")


def read_emphases() -> dict[str, dict[str, ParameterValue]]:
    """Return the parameters of each emphasis, by a name such as ``heuristics-off``.

    The part of the name before the hyphen is the group; only one of each group can be active.
    """
    stock = Model().getParams()
    makers: dict[str, Callable[[Model], object]] = {}
    for part, make in _PARTS.items():
        for level in _LEVELS:
            value = getattr(PY_SCIP_PARAMSETTING, level.upper())
            makers[f"{part}-{level}"] = lambda model, make=make, value=value: make(model, value)  # type: ignore[misc]
    for name in _GENERAL:
        emphasis = getattr(PY_SCIP_PARAMEMPHASIS, name.upper(), None)
        if emphasis is not None:
            makers[f"emphasis-{name}"] = lambda model, value=emphasis: model.setEmphasis(value)  # type: ignore[misc]
    return {name: _changed(make, stock) for name, make in makers.items()}


def _changed(
    make: Callable[[Model], object], stock: Mapping[str, ParameterValue]
) -> dict[str, ParameterValue]:
    model = Model()
    model.hideOutput()
    make(model)
    return {
        name: value
        for name, value in model.getParams().items()
        if value != stock[name] and not name.startswith("display/")
    }
