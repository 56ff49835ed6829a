"""SCIP's C library in the pyscipopt wheel, for functions that PySCIPOpt does not wrap.

These are the LP solver's name, the classes of linear constraints as SCIP counts them, and SCIP's
own statistics as a JSON file.
"""

from __future__ import annotations

import ctypes
import json
import re
from functools import cache
from pathlib import Path

from pyscipopt import Model, scip

from bench.model.instances.problem import CONSTRAINT_CLASSES


@cache
def load() -> ctypes.CDLL | None:
    """Return a handle for SCIP's C functions, or None.

    It is pyscipopt's own extension module: on Linux and macOS, its symbols resolve to the library
    in use, whether a wheel, conda or a system package installed it.
    """
    try:
        return ctypes.CDLL(scip.__file__)
    except OSError:
        return None


def pointer(model: Model) -> int | None:
    """Return the address of the SCIP object, or None for a model that has been freed."""
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


_OKAY = 1
_NONZEROS = re.compile(
    r"^Presolved Problem.*?^  Nonzeros +: (\d+) constraint", re.MULTILINE | re.DOTALL
)
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
    """Return how many linear constraints of the problem are in each class, in the fixed order.

    Ranged rows may count once for each side. None if there is no problem, if it has already been
    transformed (presolve changes classes), or if SCIP's C functions cannot be reached. The search
    that follows is not affected: same nodes and LP iterations on 36 instances.
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


def write_statistics(model: Model, path: Path) -> None:
    """Write the statistics of a solved model.

    SCIP flushes its file some 10,000 times: writing to memory first takes 1 ms instead of 7, with
    the same bytes. If the C functions cannot be reached, SCIP writes the file itself. SCIP 9 has
    statistics only as text: they become a string in the file, next to the one number that bench
    needs.
    """
    if not hasattr(model, "writeStatisticsJson"):
        path.write_text(json.dumps(_from_text(model, path), indent=1))
        return
    scip, function = pointer(model), _print_function()
    content = _printed(scip, function) if scip is not None and function is not None else None
    if content is None:
        model.writeStatisticsJson(str(path))
    else:
        path.write_bytes(content)


def _from_text(model: Model, path: Path) -> dict[str, object]:
    model.writeStatistics(str(path))
    text = path.read_text(errors="replace")
    found = _NONZEROS.search(text)
    presolved = {"constraint_nonzeros": int(found[1])} if found else {}
    return {"presolvedprob": presolved, "text": text}


def _printed(scip: int, function: ctypes._NamedFuncPointer) -> bytes | None:
    libc = _libc()
    buffer, size = _POINTER(), ctypes.c_size_t()
    stream = libc.open_memstream(ctypes.byref(buffer), ctypes.byref(size))
    if not stream:
        return None
    try:
        done = function(scip, stream)
    finally:
        libc.fclose(stream)
    try:
        return ctypes.string_at(buffer, size.value) if done == _OKAY else None
    finally:
        libc.free(buffer)


@cache
def _print_function() -> ctypes._NamedFuncPointer | None:
    function = getattr(load(), "SCIPprintStatisticsJson", None)
    if function is None or not hasattr(_libc(), "open_memstream"):
        return None
    function.restype, function.argtypes = ctypes.c_int, [_POINTER, _POINTER]
    found: ctypes._NamedFuncPointer = function
    return found


@cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None)
    if hasattr(libc, "open_memstream"):
        libc.open_memstream.restype = _POINTER
        libc.open_memstream.argtypes = [ctypes.POINTER(_POINTER), ctypes.POINTER(ctypes.c_size_t)]
        libc.fclose.argtypes = [_POINTER]
        libc.free.argtypes = [_POINTER]
    return libc
