"""Functions that PySCIPOpt lacks in some version since 5.0, implemented for all of them.

If a method is missing, the same number comes from SCIP's C library, or from an older method. If
SCIP itself lacks it, it is None.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

from pyscipopt import Model
from pyscipopt.scip import PY_SCIP_EVENTTYPE as SCIP_EVENTTYPE

from bench.solvers.scip import library

VERSION_FUNCTIONS = ("SCIPmajorVersion", "SCIPminorVersion", "SCIPtechVersion")
HAS_DUAL_BOUND_EVENT = hasattr(SCIP_EVENTTYPE, "DUALBOUNDIMPROVED")
BOUND_EVENTS = (
    (SCIP_EVENTTYPE.DUALBOUNDIMPROVED,)
    if HAS_DUAL_BOUND_EVENT
    else (SCIP_EVENTTYPE.LPSOLVED, SCIP_EVENTTYPE.NODESOLVED)
)
"""The events after which the dual bound may have changed; it has no event of its own."""


def version() -> str:
    """Return SCIP's version, e.g. ``9.0.1``."""
    if hasattr(Model, "getMajorVersion"):
        model = Model()
        numbers = model.getMajorVersion(), model.getMinorVersion(), model.getTechVersion()
        free(model)
    else:
        numbers = tuple(getattr(library.load(), name)() for name in VERSION_FUNCTIONS)
    return ".".join(map(str, numbers))


def free(model: Any) -> None:
    """Free a model now; one with an event handler would stay in memory."""
    getattr(model, "free", model.freeProb)()


def is_integral(variable: Any) -> bool:
    """Return whether a variable of the original problem is integral."""
    if hasattr(variable, "isIntegral"):
        return bool(variable.isIntegral())
    return bool(variable.vtype() != "CONTINUOUS")


def coefficients(model: Any, constraint: Any) -> list[float]:
    """Return the coefficients of a linear constraint in the order of its variables."""
    if hasattr(model, "getConsVals"):
        return list(model.getConsVals(constraint))
    variables = model.getConsVars(constraint)
    if constraint.getConshdlrName() == "linear":
        values = model.getValsLinear(constraint)
        return [values[variable.name] for variable in variables]
    return _coefficients(model, constraint.name, len(variables))


def _coefficients(model: Any, name: str, n: int) -> list[float]:
    """Return the coefficients of any constraint with a linear form, by its name."""
    c_library: Any = library.load()
    scip = library.pointer(model)
    find, read = c_library.SCIPfindOrigCons, c_library.SCIPgetConsVals
    find.restype, find.argtypes = ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_char_p]
    read.argtypes = [*[ctypes.c_void_p] * 3, ctypes.c_int, ctypes.c_void_p]
    values, done = (ctypes.c_double * n)(), ctypes.c_uint()
    read(scip, find(scip, name.encode()), values, n, ctypes.byref(done))
    return list(values)


def primal_dual_integral(model: Any) -> float | None:
    """Return SCIP's own integral of the gap over time, in percent times seconds."""
    return _number(model, "getPrimalDualIntegral")


def deterministic_time(model: Any) -> float | None:
    """Return SCIP's own deterministic count of its work."""
    return _number(model, "getDeterministicTime")


def n_implied(model: Any) -> int:
    """Return the number of implied integers in the present problem."""
    return _count(model, "getNImplVars")


def n_continuous(model: Any) -> int:
    """Return the number of continuous variables in the present problem."""
    return _count(model, "getNContVars")


def has_number(name: str) -> bool:
    """Return whether a number is available, by PySCIPOpt's method or by SCIP's C function."""
    return hasattr(Model, name) or _function(name, ctypes.c_double) is not None


def _number(model: Any, name: str) -> float | None:
    found = _asked(model, name, ctypes.c_double)
    return None if found is None else float(found)


def _count(model: Any, name: str) -> int:
    return int(_asked(model, name, ctypes.c_int))


def _asked(model: Any, name: str, result: Any) -> Any:
    """Return the result of a method, or of the C function of the same name; None without both."""
    if hasattr(model, name):
        return getattr(model, name)()
    function, scip = _function(name, result), library.pointer(model)
    return None if function is None or scip is None else function(scip)


@cache
def _function(name: str, result: Any) -> Callable[[int], Any] | None:
    function = getattr(library.load(), f"SCIP{name}", None)
    if function is None:
        return None
    function.restype, function.argtypes = result, [ctypes.c_void_p]
    found: Callable[[int], Any] = function
    return found
