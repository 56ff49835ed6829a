"""The kinds of executables that bench knows, by the name that ``--like`` takes."""

from __future__ import annotations

import difflib
from importlib import import_module
from typing import cast

from bench.errors import UsageError
from bench.solvers.executables.adapter import Adapter

MODULES = {
    "cbc": "bench.solvers.executables.cbc",
    "glpk": "bench.solvers.executables.glpk",
}
"""The module of each, which has its ADAPTER."""


def adapter(like: str) -> Adapter:
    """Return an adapter; UsageError for an unknown name."""
    if like not in MODULES:
        near = difflib.get_close_matches(like, MODULES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(MODULES)}"
        raise UsageError(f"--like {like!r}: no such kind of executable; {hint}")
    return cast("Adapter", import_module(MODULES[like]).ADAPTER)
