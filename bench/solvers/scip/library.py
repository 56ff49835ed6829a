"""SCIP's C library in the pyscipopt wheel: what PySCIPOpt does not wrap is reached here."""

from __future__ import annotations

import ctypes
from functools import cache

from pyscipopt import Model, scip


@cache
def load() -> ctypes.CDLL | None:
    """Return a handle through which SCIP's C functions are found, or None.

    It is pyscipopt's own extension module: on Linux and macOS its symbols lead to the very
    library that is in use, wherever a wheel, conda or a system package has put it.
    """
    try:
        return ctypes.CDLL(scip.__file__)
    except OSError:
        return None


def pointer(model: Model) -> int | None:
    """Return the address of the SCIP object, or None of a model that has been freed."""
    prototype = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)
    get_pointer = prototype(("PyCapsule_GetPointer", ctypes.pythonapi))
    try:
        address = get_pointer(model.to_ptr(False), b"scip")
    except (AttributeError, ValueError):
        return None
    return int(address) if address else None


def lp_solver() -> str | None:
    """Return name and version of the LP solver in use, e.g. ``SoPlex 8.0.2``, or None."""
    function = getattr(load(), "SCIPlpiGetSolverName", None)
    if function is None:
        return None
    function.restype = ctypes.c_char_p
    name: bytes | None = function()
    return None if name is None else name.decode(errors="replace")
