"""Convert rows of MLflow's protocol to requests: a problem each, and common params."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.app.solve import SolveRequest, longest_time_limit
from bench.errors import UsageError
from bench.serving.problem_text import row_problem

COLUMNS = ("model", "start")
PARAMS = ("time_limit", "gap")


def solve_requests(
    rows: Sequence[Mapping[str, Any]],
    params: Mapping[str, Any],
    *,
    timeout: float,
    folder: Path,
    max_mib: float,
) -> list[SolveRequest]:
    """Return a request for each row, with its problem written below the folder.

    The rows are solved one after the other, so the limits of time and MiB apply to all of them
    together. Raise UsageError for an invalid row or param.
    """
    if not rows:
        raise UsageError("no rows; send at least one, with a column model")
    refuse_unknown(params, PARAMS, "param")
    time_limit = checked_time_limit(params.get("time_limit"), timeout, len(rows))
    gap = checked_gap(params.get("gap"))
    requests = []
    for at, row in enumerate(rows):
        refuse_unknown(row, COLUMNS, "column")
        path = row_problem(row, folder / str(at), max_mib)
        max_mib -= path.stat().st_size / 2**20
        requests.append(
            SolveRequest(
                path=path,
                time_limit=time_limit,
                gap=gap,
                start=checked_start(row.get("start")),
            )
        )
    return requests


def refuse_unknown(found: Mapping[str, Any], known: Sequence[str], what: str) -> None:
    """Raise UsageError for an unknown name."""
    for name in found:
        if name not in known:
            raise UsageError(f"unknown {what} {str(name)[:60]!r}; known: {', '.join(known)}")


def checked_time_limit(value: object, timeout: float, n_rows: int = 1) -> float:
    """Return the time limit of each row in seconds; the default is the largest possible.

    Raise UsageError for one with which the rows could not be answered within the timeout.
    """
    longest = longest_time_limit(timeout) / n_rows
    if value is None:
        return longest
    seconds = _number(value, "time_limit")
    if not 0 < seconds <= longest:
        each = f" for each of {n_rows} rows" if n_rows > 1 else ""
        raise UsageError(
            f"time_limit = {seconds:g}: expected more than 0 and at most {longest:g} s{each}, "
            f"because the server answers within {timeout:g} s"
        )
    return seconds


def checked_gap(value: object) -> float | None:
    """Return the relative gap at which a solve may stop; UsageError if it is negative."""
    if value is None:
        return None
    gap = _number(value, "gap")
    if gap < 0:
        raise UsageError(f"gap = {gap:g}: expected a number of at least 0")
    return gap


def checked_start(value: object) -> Mapping[str, float] | None:
    """Return a start solution; UsageError unless it is a mapping of names to numbers."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if not isinstance(value, Mapping):
        raise UsageError('start: expected an object of column names and values, e.g. {"x": 1}')
    for name in value:
        is_word = isinstance(name, str) and name.isprintable() and len(name.split()) == 1
        if not is_word:
            raise UsageError(f"start: {str(name)[:60]!r} is not the name of a column")
    return {
        name: _number(number, f"start: {name[:60]}")
        for name, number in value.items()
        if number is not None
    }


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UsageError(f"{name}: expected a number, not {json.dumps(value, default=str)[:60]}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise UsageError(f"{name}: expected a finite number")
    return number
