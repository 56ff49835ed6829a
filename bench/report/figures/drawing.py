"""A figure as shapes of SVG, for a page that draws it without any library, and for files.

A scale says where a number is drawn, and where the ticks are. A path names each point by absolute
coordinates, so that a script can find the nearest one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Self

from bench.model.colours import COLOURS
from bench.report.figures.figure import DASHES, Axis, Curve, CurveKind, Figure, legend
from bench.report.terminal.table import shortened

N_TICKS = 6
ROUND = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Maps ``low`` to ``start`` and ``high`` to ``end``, evenly or by the logarithm.

    ``whole`` is for counts: there are no ticks between them.
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False
    whole: bool = False

    @classmethod
    def of(
        cls,
        values: Iterable[float],
        start: float,
        end: float,
        *,
        log: bool = False,
        whole: bool = False,
    ) -> Self:
        """Return a scale that has room for all values; on a logarithmic one the positive count."""
        known = [each for each in values if math.isfinite(each) and (each > 0 or not log)]
        low, high = (min(known), max(known)) if known else (1.0, 1.0)
        if log:
            room = max((high / low) ** 0.04, 1.05)
            return cls(low=low / room, high=high * room, start=start, end=end, log=True)
        room = 0.04 * (high - low) or max(abs(low), 1.0) / 2
        return cls(low=low - room, high=high + room, start=start, end=end, whole=whole)

    def at(self, value: float) -> float:
        """Return where a value is drawn; what has no logarithm is drawn at the low end."""
        if self.log:
            value = max(value, self.low / 10)
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[tuple[float, str]]:
        """Return some round numbers on the scale with their labels, ascending."""
        if self.log and self.high / self.low >= 8:
            return [(value, f"{value:g}") for value in _decades(self.low, self.high)]
        values, step = _steps(self.low, self.high, 1.0 if self.whole else 0.0)
        return [(value, _label(value, step, self)) for value in values]


def _decades(low: float, high: float) -> list[float]:
    """Return powers of ten, with their doubles and halves where there are few."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    every = math.ceil(len(exponents) / (N_TICKS + 2))
    factors = ROUND[:3] if len(exponents) <= 4 else ROUND[:1]
    powers = [10.0**each for each in exponents if each % every == 0]
    return [k * power for power in powers for k in factors if low <= k * power <= high]


def _steps(low: float, high: float, least: float) -> tuple[list[float], float]:
    least = max(least, (high - low) / N_TICKS)
    power = 10.0 ** math.floor(math.log10(least))
    step = next(k * power for k in ROUND if k * power >= least * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    values = ((first + k) * step for k in range(4 * N_TICKS))
    return list(takewhile(lambda value: value <= high + 1e-9 * step, values)), step


def _label(value: float, step: float, scale: Scale) -> str:
    most = max(abs(scale.low), abs(scale.high))
    if not 1e-4 <= most < 1e7:
        return f"{value:.{max(0, _power(most) - _power(step))}e}" if value else "0"
    decimals = max(0, -_power(step))
    return f"{value:.{decimals}f}" if value else "0"


def _power(value: float) -> int:
    return math.floor(math.log10(value) + 1e-9)


RIGHT, TOP, BOTTOM = 586.0, 12.0, 326.0
LABEL, LETTER = 30.0, 10.0
"""The room to the left: for the label of the axis, and for each letter of a tick."""
X_LETTERS, Y_LETTERS = 78, 54
MARKS = ("h0", "h0", "m-4 3h8l-4-7z", "m0-5l5 5-5 5-5-5z", "m-4-4l8 8m0-8l-8 8", "m-4 0h8m-4-4v8")
"""Points, drawn from their middle: a dot, a square (by the ends of the line), and so on."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A tick of an axis: where, and what it says."""

    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A curve: its path, and how it is told apart from others; ``texts`` is a list as JSON."""

    name: str
    path: str
    points: bool
    colour: int
    dash: str
    mark: int
    texts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A figure with everything in its place; ``legend`` has an example of each look and its name.

    ``left`` is where the plot begins.
    """

    figure: Figure
    x: Scale
    y: Scale
    left: float
    x_label: str
    y_label: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    strokes: tuple[Stroke, ...]
    legend: tuple[tuple[Stroke, str], ...]
    level: float | None
    diagonal: str


def drawing(figure: Figure) -> Drawing:
    """Return the shapes of a figure."""
    y = _scale_of(figure.y, _heights(figure), (BOTTOM, TOP))
    left = LABEL + LETTER * max([3, *(len(label) for _, label in y.ticks())])
    x = _scale_of(figure.x, [x for curve in figure.curves for x in curve.xs], (left, RIGHT))
    strokes = tuple(_stroke(curve, x, y) for curve in figure.curves)
    return Drawing(
        figure=figure,
        x=x,
        y=y,
        left=left,
        x_label=shortened(figure.x.label, X_LETTERS),
        y_label=shortened(figure.y.label, Y_LETTERS),
        x_ticks=tuple(Tick(round(x.at(value), 1), label) for value, label in x.ticks()),
        y_ticks=tuple(Tick(round(y.at(value), 1), label) for value, label in y.ticks()),
        strokes=strokes,
        legend=tuple((stroke, name) for name, stroke in legend(figure.curves, strokes).items()),
        level=None if figure.level is None else round(y.at(figure.level), 1),
        diagonal=_diagonal(x, y) if figure.diagonal else "",
    )


def _scale_of(axis: Axis, values: Sequence[float], ends: tuple[float, float]) -> Scale:
    start, end = ends
    if axis.low is not None and axis.high is not None and axis.high > axis.low:
        return Scale(low=axis.low, high=axis.high, start=start, end=end, log=axis.log)
    whole = all(isinstance(each, int) for each in values)
    return Scale.of(values, start, end, log=axis.log, whole=whole)


def _heights(figure: Figure) -> list[float]:
    level = [] if figure.level is None else [figure.level]
    return [y for curve in figure.curves for y in curve.ys] + level


def _stroke(curve: Curve, x: Scale, y: Scale) -> Stroke:
    colour = curve.colour % len(COLOURS)
    again = curve.colour // len(COLOURS)
    mark = curve.colour % len(MARKS)
    places = [
        (_short(x.at(left)), _short(y.at(up))) for left, up in zip(curve.xs, curve.ys, strict=True)
    ]
    points = curve.kind is CurveKind.POINTS or len(places) == 1
    return Stroke(
        name=curve.name,
        path=_marks(places, MARKS[mark]) if points else _line(places, curve.kind),
        points=points,
        colour=colour,
        dash=DASHES[(colour + again) % len(DASHES)],
        mark=mark,
        texts=json.dumps(list(curve.texts), ensure_ascii=False) if curve.texts else "",
    )


def _marks(points: Sequence[tuple[str, str]], mark: str) -> str:
    return "".join(f"M{x},{y}{mark}" for x, y in points)


def _line(points: Sequence[tuple[str, str]], kind: CurveKind) -> str:
    if not points:
        return ""
    first, *rest = points
    path = [f"M{first[0]},{first[1]}"]
    before = first[1]
    for x, y in rest:
        if kind is CurveKind.LINE:
            path.append(f"L{x},{y}")
        else:
            path.append(f"H{x}" if y == before else f"H{x}V{y}")
        before = y
    return "".join(path)


def _diagonal(x: Scale, y: Scale) -> str:
    low, high = max(x.low, y.low), min(x.high, y.high)
    if low >= high:
        return ""
    ends = [f"{_short(x.at(each))},{_short(y.at(each))}" for each in (low, high)]
    return f"M{ends[0]}L{ends[1]}"


def _short(place: float) -> str:
    return f"{place:.1f}".removesuffix(".0")
