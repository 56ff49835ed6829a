"""A small picture of a solve: both bounds over time, at the top of a task's page.

MLflow shows the first 100 pixels of a description, so the picture is below one line of text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.model.colours import COLOURS
from bench.model.numbers import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.model.results.result import Result

PICTURE = "bounds.svg"
"""The picture's artifact of a task whose solver reported bounds."""

_WIDTH, _HEIGHT, _PLOT = 560, 62, 380
_TOP, _BOTTOM = 6.0, 46.0
_MOST_POINTS = 60
_EARLY = 0.05
"""Bounds in this first share of the time do not affect the scale, because they are far from the
others.
"""
_GREY = "#7b8794"


@dataclass(frozen=True, slots=True)
class _Bound:
    """A bound over time: its name, colour and (seconds, value), by time."""

    name: str
    colour: str
    points: Sequence[tuple[float, float]]


def bounds_picture(result: Result) -> str:
    """Return the picture as SVG; empty if no bound is known at two times."""
    trace = result.answer.trace
    bounds = [
        _Bound(
            name, colour, _known((point.time_s, getattr(point, f"{name}_bound")) for point in trace)
        )
        for name, colour in (("primal", COLOURS[1]), ("dual", COLOURS[0]))
    ]
    bounds = [bound for bound in bounds if bound.points]
    end_s = trace[-1].time_s if trace else 0.0
    if end_s <= 0 or all(len(bound.points) == 1 for bound in bounds):
        return ""
    low, high = _scale(bounds, end_s)
    shapes = [
        _path("M0 46.5H380", _GREY),
        *(_path(_steps(bound.points, end_s, low, high), bound.colour) for bound in bounds),
        *_labels(bounds),
        _text(0, _HEIGHT - 3, "0 s", _GREY),
        _text(_PLOT, _HEIGHT - 3, f"{end_s:.3g} s", _GREY, anchor="end"),
    ]
    size = f'width="{_WIDTH}" height="{_HEIGHT}" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" '
        f'font-size="12">{"".join(shapes)}</svg>\n'
    )


def _known(points: Iterable[tuple[float, float | None]]) -> list[tuple[float, float]]:
    """Return the points with a finite value at which it changes, thinned if there are many."""
    known: list[tuple[float, float]] = []
    for time_s, given in points:
        value = number(given)
        if value is not None and (not known or known[-1][1] != value):
            known.append((time_s, value))
    stride = max(1.0, (len(known) - 1) / (_MOST_POINTS - 1))
    chosen = {round(step * stride) for step in range(min(len(known), _MOST_POINTS))}
    return [point for index, point in enumerate(known) if index in chosen]


def _scale(bounds: Iterable[_Bound], end_s: float) -> tuple[float, float]:
    """Return the smallest and largest value that are drawn."""
    values = [
        value
        for bound in bounds
        for index, (time_s, value) in enumerate(bound.points, start=1)
        if time_s >= _EARLY * end_s or index == len(bound.points)
    ]
    low, high = min(values), max(values)
    return (low, high) if low < high else (low - 1.0, high + 1.0)


def _steps(points: Sequence[tuple[float, float]], end_s: float, low: float, high: float) -> str:
    """Return the path of a step function; values outside the scale are drawn at its edge."""
    path: list[str] = []
    for time_s, value in points:
        x = _PLOT * time_s / end_s
        y = _BOTTOM - (_BOTTOM - _TOP) * (min(max(value, low), high) - low) / (high - low)
        path.append(f"H{x:.1f}V{y:.1f}" if path else f"M{x:.1f} {y:.1f}")
    return f"{''.join(path)}H{_PLOT}"


def _labels(bounds: Sequence[_Bound]) -> Iterable[str]:
    """Yield the last value of each bound, the larger one above."""
    by_value = sorted(bounds, key=lambda bound: -bound.points[-1][1])
    for row, bound in enumerate(by_value):
        text = f"{bound.name} bound {bound.points[-1][1]:.6g}"
        yield _text(_PLOT + 12, 18 + 20 * row, text, bound.colour)


def _path(steps: str, colour: str) -> str:
    return f'<path d="{steps}" fill="none" stroke="{colour}" stroke-width="1.5"/>'


def _text(x: float, y: float, text: str, colour: str, *, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" fill="{colour}" text-anchor="{anchor}">{text}</text>'
