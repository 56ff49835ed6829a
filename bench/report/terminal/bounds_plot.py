"""A small plot of the bounds over time, for the terminal."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence

from bench.model.results.solver_output import TracePoint

PRIMAL, DUAL, BOTH = "o", "x", "*"
ABOVE, BELOW = "^", "v"
EDGE = 12
EARLY = 20
"""The first column of this many may exceed the scale, because bounds begin far off."""


def bounds_plot(trace: Sequence[TracePoint], width: int = 80, height: int = 12) -> str:
    """Return primal (o) and dual bound (x) as steps over seconds; empty without any.

    Values beyond the scale at the very beginning are marked ^ or v at its edge. ``width`` and
    ``height`` are in characters, including labels and axes.
    """
    n_columns, n_rows = width - EDGE - 2, height - 2
    moments = [point.time_s for point in trace]
    end = moments[-1] if moments else 0.0
    primal = _sampled(trace, moments, end, n_columns, lambda point: point.primal_bound)
    dual = _sampled(trace, moments, end, n_columns, lambda point: point.dual_bound)
    low, high = _scale(primal, dual)
    if low is None or high is None:
        return ""
    cells = [[" "] * n_columns for _ in range(n_rows)]
    _draw(cells, DUAL, dual, low, high)
    _draw(cells, PRIMAL, primal, low, high)
    labels = [f"{high:.6g}", *[""] * (n_rows - 2), f"{low:.6g}" if high > low else ""]
    lines = [
        f"{label[:EDGE]:>{EDGE}} |{''.join(row).rstrip()}"
        for label, row in zip(labels, cells, strict=True)
    ]
    seconds = f"{end:.3g} s"
    lines.append(f"{'':>{EDGE}} +{'-' * n_columns}")
    lines.append(f"{'':>{EDGE}}  0{seconds:>{n_columns - 1}}")
    return "\n".join(lines)


def _scale(
    primal: Sequence[float | None], dual: Sequence[float | None]
) -> tuple[float | None, float | None]:
    """Return the smallest and largest bound, without the very beginning if the rest differs."""
    early = len(primal) // EARLY
    late = _known((*primal[early:], *dual[early:]))
    known = late if len(set(late)) > 1 else _known((*primal, *dual))
    return (min(known), max(known)) if known else (None, None)


def _known(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _draw(
    cells: list[list[str]], mark: str, values: Sequence[float | None], low: float, high: float
) -> None:
    for column, value in enumerate(values):
        if value is not None:
            row, beyond = _place(value, low, high, len(cells))
            taken = cells[row][column] != " "
            cells[row][column] = BOTH if taken else beyond or mark


def _place(value: float, low: float, high: float, n_rows: int) -> tuple[int, str | None]:
    """Return the row of a value, and the mark if it is beyond the scale."""
    if value > high:
        return 0, ABOVE
    if value < low:
        return n_rows - 1, BELOW
    share = (high - value) / (high - low) if high > low else 0.5
    return round(share * (n_rows - 1)), None


def _sampled(
    trace: Sequence[TracePoint],
    moments: Sequence[float],
    end: float,
    n: int,
    bound: Callable[[TracePoint], float | None],
) -> list[float | None]:
    """Return the bound at each of ``n`` times from 0 to the end."""
    values: list[float | None] = []
    for column in range(n):
        last = bisect_right(moments, end * column / (n - 1)) - 1
        value = bound(trace[last]) if last >= 0 else None
        values.append(value if value is not None and math.isfinite(value) else None)
    return values
