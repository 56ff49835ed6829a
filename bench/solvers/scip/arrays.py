"""A newly read model as arrays: its rows come from SCIP's C functions.

PySCIPOpt returns a row as a list of Python objects, which takes longer than SCIP's own reading.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy as np

from bench.model.instances.problem import Sense
from bench.model.instances.program_arrays import Indices, Numbers, ProgramArrays
from bench.solvers.scip import library, versions
from bench.solvers.scip.reading import INFINITY

_POINTER = ctypes.c_void_p
_SIGNATURES = {
    "SCIPgetNVarsLinear": ctypes.c_int,
    "SCIPgetVarsLinear": _POINTER,
    "SCIPgetValsLinear": _POINTER,
}


def arrays(model: Any) -> ProgramArrays | None:
    """Return the columns and rows in file order.

    None if some constraint is not linear or has other than the original variables, or if SCIP's C
    functions cannot be reached.
    """
    scip, functions = library.pointer(model), _functions()
    variables = sorted(model.getVars(), key=lambda variable: variable.getIndex())
    constraints = model.getConss()
    if scip is None or functions is None or not hasattr(model, "getConsVals"):
        return None
    if any(constraint.getConshdlrName() != "linear" for constraint in constraints):
        return None
    addresses = np.array([variable.ptr() for variable in variables], dtype=np.uint64)
    counts, used, coefficients = _entries(scip, [one.ptr() for one in constraints], functions)
    columns = _positions(addresses, used)
    if columns is None:
        return None
    return ProgramArrays(
        column_names=[variable.name for variable in variables],
        lower=_infinite([variable.getLbOriginal() for variable in variables]),
        upper=_infinite([variable.getUbOriginal() for variable in variables]),
        objective=np.array([variable.getObj() for variable in variables], dtype=np.float64),
        integral=np.array(list(map(versions.is_integral, variables)), dtype=np.bool_),
        row_names=[constraint.name for constraint in constraints],
        lhs=_infinite(list(map(model.getLhs, constraints))),
        rhs=_infinite(list(map(model.getRhs, constraints))),
        rows=np.repeat(np.arange(len(constraints)), counts),
        columns=columns,
        coefficients=coefficients,
        sense=Sense(model.getObjectiveSense()),
        objective_offset=float(model.getObjoffset()),
    )


def _entries(
    scip: int, constraints: list[int], functions: tuple[Any, Any, Any]
) -> tuple[list[int], Any, Numbers]:
    """Return the number of entries of each row, and addresses and coefficients of all of them."""
    n_entries, variables_of, coefficients_of = functions
    counts, addresses, numbers = [], [], []
    for constraint in constraints:
        n = n_entries(scip, constraint)
        counts.append(n)
        if n:
            addresses.append(ctypes.string_at(variables_of(scip, constraint), 8 * n))
            numbers.append(ctypes.string_at(coefficients_of(scip, constraint), 8 * n))
    used = np.frombuffer(b"".join(addresses), dtype=np.uint64)
    return counts, used, np.frombuffer(b"".join(numbers), dtype=np.float64)


def _positions(addresses: Any, used: Any) -> Indices | None:
    """Return the position of each used address among all; None if one is missing."""
    order = np.argsort(addresses)
    at = np.searchsorted(addresses[order], used)
    if len(used) and (at.max() >= len(addresses) or (addresses[order][at] != used).any()):
        return None
    found: Indices = order[at]
    return found


def _infinite(values: list[float]) -> Numbers:
    numbers = np.array(values, dtype=np.float64)
    return np.where(np.abs(numbers) >= INFINITY, np.copysign(np.inf, numbers), numbers)


@cache
def _functions() -> tuple[Any, Any, Any] | None:
    handle = library.load()
    found = [getattr(handle, name, None) for name in _SIGNATURES]
    if ctypes.sizeof(_POINTER) != 8 or None in found:
        return None
    for function, result in zip(found, _SIGNATURES.values(), strict=True):
        function.restype, function.argtypes = result, [_POINTER, _POINTER]  # type: ignore[union-attr]
    return found[0], found[1], found[2]
