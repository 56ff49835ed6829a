"""The classes of linear constraints as SCIP itself counts them, through its C interface.

PySCIPOpt does not wrap the classification; SCIP's library, however, exports it.
"""

from __future__ import annotations

import ctypes
from functools import cache

from pyscipopt import Model

from bench.model.problem import CONSTRAINT_CLASSES
from bench.solvers.scip.library import load, pointer

_OKAY = 1
_STAGE_PROBLEM = 1
_POINTER = ctypes.c_void_p
_SIGNATURES = {
    "SCIPgetStage": (ctypes.c_int, [_POINTER]),
    "SCIPlinConsStatsCreate": (ctypes.c_int, [_POINTER, ctypes.POINTER(_POINTER)]),
    "SCIPlinConsStatsFree": (None, [_POINTER, ctypes.POINTER(_POINTER)]),
    "SCIPlinConsStatsGetTypeCount": (ctypes.c_int, [_POINTER, ctypes.c_int]),
    "SCIPclassifyConstraintTypesLinear": (ctypes.c_int, [_POINTER, _POINTER]),
}


def classify(model: Model) -> dict[str, int] | None:
    """Return how many linear constraints of the problem are of each class, in the fixed order.

    Ranged rows may count once for each side. None where there is no problem, where it has already
    been transformed (presolve changes classes), and where SCIP's C functions cannot be reached.
    The search that follows is not affected: same nodes and LP iterations on 36 instances.
    """
    scip = pointer(model)
    library = _library()
    if scip is None or library is None or library.SCIPgetStage(scip) != _STAGE_PROBLEM:
        return None
    statistics = _POINTER()
    if library.SCIPlinConsStatsCreate(scip, ctypes.byref(statistics)) != _OKAY:
        return None
    try:
        if library.SCIPclassifyConstraintTypesLinear(scip, statistics) != _OKAY:
            return None
        return {
            name: library.SCIPlinConsStatsGetTypeCount(statistics, index)
            for index, name in enumerate(CONSTRAINT_CLASSES)
        }
    finally:
        library.SCIPlinConsStatsFree(scip, ctypes.byref(statistics))


@cache
def _library() -> ctypes.CDLL | None:
    library = load()
    try:
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(library, name)
            function.restype = result
            function.argtypes = arguments
    except AttributeError:
        return None
    return library
