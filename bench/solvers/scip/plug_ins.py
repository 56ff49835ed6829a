"""Plug-ins that the user's functions add to a model, for the duration of a solve."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from bench.errors import SolverError
from bench.model.included import Included
from bench.solvers.include import load


@contextmanager
def included(model: Any, functions: Sequence[Included]) -> Iterator[None]:
    """Call the functions with the model, and collect exceptions of their plug-ins until the end.

    After an exception in a plug-in, SCIP continues, or ends without a reason. Raise SolverError
    with the first exception of a function or a plug-in.
    """
    if not functions:
        yield
        return
    raised: list[str] = []

    def note(found: sys.UnraisableHookArgs) -> None:
        raised.append(f"{found.exc_type.__name__}: {found.exc_value}")
        sys.__unraisablehook__(found)

    before, sys.unraisablehook = sys.unraisablehook, note
    try:
        for each in functions:
            _call(model, each)
        yield
    except Exception:
        if not raised:
            raise
    finally:
        sys.unraisablehook = before
    if raised:
        names = " or ".join(each.name for each in functions)
        raise SolverError(f"a plug-in of --include {names} raises {raised[0]}")


def _call(model: Any, included: Included) -> None:
    function = load(included)
    try:
        function(model)
    except Exception as error:
        traceback.print_exception(error)
        raise SolverError(
            f"--include {included.name} raises {type(error).__name__}: {error}"
        ) from error
