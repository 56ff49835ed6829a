"""Knobs: short names that a function, or a user's formula, turns into solver parameters.

``alpha`` and ``l1_ratio`` weight SCIP's hybrid cut selector like elastic-net regression weights its
penalties: alpha is the strength, l1_ratio the mix. ``(0.2, 0.5)`` is stock SCIP 9 and 10; each
version has its own defaults. A user's formula is arithmetic with numbers and the word ``value``,
and nothing else.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Collection, Mapping

from bench.errors import UsageError
from bench.model.parameters import Catalogue
from bench.model.printable import checked_name
from bench.model.setting import ParameterValue

OBJECTIVE = "cutselection/hybrid/objparalweight"
SUPPORT = "cutselection/hybrid/intsupportweight"
STOCK = {"alpha": 0.2, "l1_ratio": 0.5}
"""The knobs, with their values in SCIP 9 and 10."""
SOLVER = "scip"


def stock(catalogue: Catalogue) -> dict[str, float]:
    """Return the stock value of each knob in a solver; nothing for one without the weights.

    Solvers other than SCIP have none, and neither has SCIP before 8.
    """
    if OBJECTIVE not in catalogue or SUPPORT not in catalogue:
        return {}
    objective, support = (float(catalogue[name].default) for name in (OBJECTIVE, SUPPORT))
    return _from_weights(objective, support, STOCK["l1_ratio"])


def _from_weights(objective: float, support: float, mixed: float) -> dict[str, float]:
    """Return the knobs for two weights; ``mixed`` is the ratio if both are 0."""
    total = objective + support
    return {"alpha": total, "l1_ratio": objective / total if total else mixed}


def elastic_net(
    alpha: float | None, l1_ratio: float | None, stock: Mapping[str, float] = STOCK
) -> dict[str, ParameterValue]:
    """Return the two cut selection weights; a knob left None keeps its stock value.

    ``objparalweight = alpha * l1_ratio`` and ``intsupportweight = alpha * (1 - l1_ratio)``.
    Both None: no parameter at all. Raise UsageError outside alpha >= 0, 0 <= l1_ratio <= 1.
    """
    if alpha is None and l1_ratio is None:
        return {}
    alpha = stock["alpha"] if alpha is None else alpha
    l1_ratio = stock["l1_ratio"] if l1_ratio is None else l1_ratio
    if not (math.isfinite(alpha) and 0 <= alpha <= 1):
        raise UsageError(f"alpha = {alpha:g}: outside [0, 1]")
    if not 0 <= l1_ratio <= 1:
        raise UsageError(f"l1_ratio = {l1_ratio:g}: outside [0, 1]")
    return {OBJECTIVE: alpha * l1_ratio, SUPPORT: alpha * (1 - l1_ratio)}


def effective_values(
    params: Mapping[str, ParameterValue],
    alpha: float | None,
    l1_ratio: float | None,
    stock: Mapping[str, float] = STOCK,
) -> dict[str, float]:
    """Return the effective value of each knob, also if it is the stock value.

    If the two weights were set by their own names, return the equivalent knobs.
    """
    knobs = {
        "alpha": stock["alpha"] if alpha is None else alpha,
        "l1_ratio": stock["l1_ratio"] if l1_ratio is None else l1_ratio,
    }
    if alpha is None and l1_ratio is None and not {OBJECTIVE, SUPPORT}.isdisjoint(params):
        objective = float(params.get(OBJECTIVE, stock["alpha"] * stock["l1_ratio"]))
        support = float(params.get(SUPPORT, stock["alpha"] * (1 - stock["l1_ratio"])))
        knobs = _from_weights(objective, support, stock["l1_ratio"])
    return knobs


Formulas = Mapping[str, Mapping[str, str]]
"""The user's knobs by name: the formula of each parameter that one sets."""

_LONGEST = 200
_BINARY: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_UNARY: Mapping[type[ast.unaryop], Callable[[float], float]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}


def evaluate(formula: str, value: float) -> float:
    """Return the value of ``+ - * / **``, parentheses, numbers and ``value``, in floats.

    Raise UsageError for any other formula, and if the result is not a finite real number.
    """
    try:
        result: float | complex = _evaluated(parsed(formula), value)
    except ArithmeticError:
        result = math.nan
    if isinstance(result, complex) or not math.isfinite(result):
        raise UsageError(f"{formula!r}: the result for value = {value:g} is not a finite number")
    return result


def parsed(formula: str) -> ast.expr:
    """Return the tree of a formula; UsageError for one with any other part."""
    try:
        tree = ast.parse(formula.strip() if len(formula) <= _LONGEST else "", mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        tree = None
    if tree is None or not _is_arithmetic(tree):
        raise UsageError(
            f"{formula[:_LONGEST]!r}: expected arithmetic with numbers and the word value,"
            ' e.g. "0.2 - value * 0.5"'
        )
    return tree


def checked(formulas: Formulas, parameters: Mapping[str, Collection[str]]) -> None:
    """Raise UsageError for a user's knob whose name is taken or that sets nothing.

    ``parameters`` has the names of the parameters of each solver. A parameter that a knob sets is
    checked where the knob gets its values.
    """
    for name, own in formulas.items():
        checked_name(name, "knob")
        if name in STOCK:
            raise UsageError(f"{name} is a built-in knob; choose another name")
        for solver, known in parameters.items():
            if name in known:
                raise UsageError(f"{name} is a parameter of {solver}; choose another name")
        if not own:
            raise UsageError(f"{name} sets no parameter; write NAME: FORMULA")
        for parameter, formula in own.items():
            try:
                parsed(formula)
            except UsageError as error:
                raise UsageError(f"{name}: {parameter}: {error}") from None


def _is_arithmetic(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=bool()):
            return False
        case ast.Constant(value=int() | float()) | ast.Name(id="value"):
            return True
        case ast.BinOp():
            both = _is_arithmetic(node.left) and _is_arithmetic(node.right)
            return both and type(node.op) in _BINARY
        case ast.UnaryOp():
            return _is_arithmetic(node.operand) and type(node.op) in _UNARY
    return False


def _evaluated(node: ast.expr, value: float) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.BinOp():
            left = _evaluated(node.left, value)
            return _BINARY[type(node.op)](left, _evaluated(node.right, value))
        case ast.UnaryOp():
            return _UNARY[type(node.op)](_evaluated(node.operand, value))
    return float(value)
