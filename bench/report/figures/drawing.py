"""A figure as SVG shapes, for a page that draws it without any library, and for files.

A scale determines where a number is drawn, and the positions of the ticks. A path has absolute
coordinates for each point, so that a script can find the nearest one.
"""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import Self

from bench.model.colours import COLOURS
from bench.report.figures.figure import DASHES, Axis, Curve, CurveKind, Figure, legend
from bench.report.terminal.table import shortened

N_TICKS = 6
ROUND = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Maps ``low`` to ``start`` and ``high`` to ``end``, linearly or logarithmically.

    ``whole`` is for counts: there are no ticks between whole numbers.
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
        """Return a scale that includes all values; a logarithmic one only positive ones."""
        known = [each for each in values if math.isfinite(each) and (each > 0 or not log)]
        low, high = (min(known), max(known)) if known else (1.0, 1.0)
        if log:
            room = max((high / low) ** 0.04, 1.05)
            return cls(low=low / room, high=high * room, start=start, end=end, log=True)
        room = 0.04 * (high - low) or max(abs(low), 1.0) / 2
        return cls(low=low - room, high=high + room, start=start, end=end, whole=whole)

    def at(self, value: float) -> float:
        """Return where a value is drawn; values without a logarithm are drawn at the low end."""
        if self.log:
            value = max(value, self.low / 10)
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self, most: int = N_TICKS) -> list[tuple[float, str]]:
        """Return some round numbers on the scale with their labels, ascending."""
        if self.log and self.high / self.low >= 8:
            return [(value, f"{value:g}") for value in _decades(self.low, self.high, most)]
        values, step = _steps(self.low, self.high, 1.0 if self.whole else 0.0, most)
        return [(value, _label(value, step, self)) for value in values]


def _decades(low: float, high: float, most: int) -> list[float]:
    """Return powers of ten, with their doubles and halves if there are few and they fit."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    every = math.ceil(len(exponents) / (most + 2))
    factors = ROUND[:3] if len(exponents) <= 4 and most == N_TICKS else ROUND[:1]
    powers = [10.0**each for each in exponents if each % every == 0]
    return [k * power for power in powers for k in factors if low <= k * power <= high]


def _steps(low: float, high: float, least: float, most: int) -> tuple[list[float], float]:
    least = max(least, (high - low) / most)
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


WIDTH, RIGHT = 600.0, 586.0
"""The width of a drawing on the page, in units (text is 12.5 high), and the right end of its plot.
"""
TOP, HEIGHT = 12.0, 314.0
"""The top of a plot, and its largest height."""
ASPECT = 0.62
"""The height of a plot by the width of the drawing."""
MARGIN, BELOW, LINE = WIDTH - RIGHT, 54.0, 16.0
"""The margin to the right, the margin below the plot for ticks and label, and the height of another
line of the label.
"""
LABEL, LETTER, NAME_LETTER = 30.0, 10.0, 8.6
"""Parts of the left margin: for the label of the axis, and for each letter of a tick or a name."""
X_LETTER, Y_LETTER = 6.6, 5.8
"""The length of each letter of a label, along the x-axis and along the y-axis."""
MOST_LETTERS = 24
"""The largest number of letters of a name."""
PITCH, MOST_PITCH = 18.0, 40.0
"""The least and the largest height of a named row."""
MARKS = ("h0", "h0", "m-4 3h8l-4-7z", "m0-5l5 5-5 5-5-5z", "m-4-4l8 8m0-8l-8 8", "m-4 0h8m-4-4v8")
"""Marks, drawn from their centre: a dot, a square (by the ends of the line), and so on."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A tick of an axis: its position and label."""

    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A curve: its path and its style; ``texts`` is a list as JSON.

    ``thickness`` is that of bars, 0 for other curves.
    """

    name: str
    path: str
    points: bool
    colour: int
    dash: str
    mark: int
    texts: str
    thickness: float = 0.0

    @property
    def look(self) -> str:
        """The classes of its style."""
        if self.thickness:
            return "bars"
        return f"points m{self.mark}" if self.points else f"line {self.dash}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A figure with the positions of all parts; ``legend`` has an example of each look.

    The plot begins at ``left`` and ends at ``right`` and ``bottom``. ``guide`` is the path of the
    level or the diagonal. ``x_label`` has one or two lines.
    """

    figure: Figure
    width: float
    x: Scale
    y: Scale
    left: float
    right: float
    bottom: float
    x_label: tuple[str, ...]
    y_label: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    strokes: tuple[Stroke, ...]
    legend: tuple[tuple[Stroke, str], ...]
    guide: str

    @property
    def height(self) -> float:
        """The height, with ticks and label."""
        return self.bottom + BELOW + LINE * (len(self.x_label) - 1)


@dataclass(frozen=True, slots=True)
class _Layout:
    """The position of the plot, its scales, and whether the figure is horizontal."""

    x: Scale
    y: Scale
    on_its_side: bool
    pitch: float = 0.0

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the figure is drawn."""
        across, up = (y, x) if self.on_its_side else (x, y)
        return self.x.at(across), self.y.at(up)


def drawing(figure: Figure, width: float = WIDTH) -> Drawing:
    """Return the shapes of a figure in a drawing of this width."""
    layout = _with_names(figure, width) if figure.names else _plain(figure, width)
    x, y = layout.x, layout.y
    across, up = (figure.y, figure.x) if layout.on_its_side else (figure.x, figure.y)
    bottom = max(y.start, y.end)
    strokes = tuple(_stroke(curve, layout, figure.level) for curve in figure.curves)
    y_ticks = (
        [(at, shortened(name, MOST_LETTERS)) for at, name in enumerate(figure.names, start=1)]
        if figure.names
        else y.ticks()
    )
    return Drawing(
        figure=figure,
        width=width,
        x=x,
        y=y,
        left=x.start,
        right=x.end,
        bottom=bottom,
        x_label=_lines(across.label, round((x.end - x.start) / X_LETTER)),
        y_label=shortened(up.label, round((bottom - TOP) / Y_LETTER)),
        x_ticks=tuple(Tick(round(x.at(value), 1), label) for value, label in _x_ticks(x)),
        y_ticks=tuple(Tick(round(y.at(value), 1), label) for value, label in y_ticks),
        strokes=strokes,
        legend=tuple((stroke, name) for name, stroke in legend(figure.curves, strokes).items()),
        guide=_guide(figure, layout),
    )


def _plain(figure: Figure, width: float) -> _Layout:
    y = _scale_of(figure.y, _heights(figure), (TOP + min(HEIGHT, ASPECT * width), TOP))
    left = LABEL + LETTER * max([3, *(len(label) for _, label in y.ticks())])
    xs = [x for curve in figure.curves for x in curve.xs]
    return _Layout(_scale_of(figure.x, xs, (left, width - MARGIN)), y, on_its_side=False)


def _with_names(figure: Figure, width: float) -> _Layout:
    """Return the layout of a horizontal figure: a row per name, the first one on top."""
    n = len(figure.names)
    pitch = min(MOST_PITCH, max(PITCH, HEIGHT / 2 / n))
    y = Scale(low=0.5, high=n + 0.5, start=TOP, end=TOP + n * pitch)
    letters = max(min(len(name), MOST_LETTERS) for name in figure.names)
    x = _scale_of(
        figure.y, _heights(figure), (LABEL + NAME_LETTER * max(letters, 3), width - MARGIN)
    )
    return _Layout(x, y, on_its_side=True, pitch=pitch)


def _lines(label: str, letters: int) -> tuple[str, ...]:
    """Return a label in at most two lines of this many letters."""
    first, *others = textwrap.wrap(label, letters) or [""]
    return (first, shortened(" ".join(others), letters)) if others else (first,)


def _x_ticks(scale: Scale) -> list[tuple[float, str]]:
    """Return as many ticks as fit next to each other.

    On a logarithmic scale the labels are closest at the upper end. There, every second tick
    (including 1) says more than a larger step.
    """
    ticks = scale.ticks()
    for most in (N_TICKS, 4, 3, 2):
        ticks = scale.ticks(most)
        if _have_room(ticks, scale):
            break
        one = next((at for at, (value, _) in enumerate(ticks) if math.isclose(value, 1.0)), 0)
        fewer = ticks[one % 2 :: 2]
        if scale.log and len(fewer) > 1 and _have_room(fewer, scale):
            return fewer
    return ticks


def _have_room(ticks: Sequence[tuple[float, str]], scale: Scale) -> bool:
    rooms = (
        scale.at(right) - scale.at(left) - LETTER * (len(a) + len(b)) / 2
        for (left, a), (right, b) in pairwise(ticks)
    )
    return min(rooms, default=1.0) > 0


def _scale_of(axis: Axis, values: Sequence[float], ends: tuple[float, float]) -> Scale:
    start, end = ends
    if axis.low is not None and axis.high is not None and axis.high > axis.low:
        return Scale(low=axis.low, high=axis.high, start=start, end=end, log=axis.log)
    whole = all(isinstance(each, int) for each in values)
    return Scale.of(values, start, end, log=axis.log, whole=whole)


def _heights(figure: Figure) -> list[float]:
    level = [] if figure.level is None else [figure.level]
    return [y for curve in figure.curves for y in curve.ys] + level


def _stroke(curve: Curve, layout: _Layout, level: float | None) -> Stroke:
    colour = curve.colour % len(COLOURS)
    again = curve.colour // len(COLOURS)
    mark = curve.colour % len(MARKS)
    dash = colour + again if curve.dash is None else curve.dash
    places = [
        tuple(map(_short, layout.place(x, y))) for x, y in zip(curve.xs, curve.ys, strict=True)
    ]
    is_bars = curve.kind is CurveKind.BARS
    points = curve.kind is CurveKind.POINTS or (len(places) == 1 and not is_bars)
    if is_bars:
        path = _bars(curve, layout, 1.0 if level is None else level)
    else:
        path = _marks(places, MARKS[mark]) if points else _line(places, curve.kind)
    return Stroke(
        name=curve.name,
        path=path,
        points=points,
        colour=colour,
        dash=DASHES[dash % len(DASHES)],
        mark=mark,
        texts=json.dumps(list(curve.texts), ensure_ascii=False) if curve.texts else "",
        thickness=round(curve.width * layout.pitch, 1) if is_bars else 0.0,
    )


def _bars(curve: Curve, layout: _Layout, level: float) -> str:
    """Return bars from their ends to the level."""
    base = layout.x.at(level)
    ends = (layout.place(x, y) for x, y in zip(curve.xs, curve.ys, strict=True))
    return "".join(f"M{_short(x)},{_short(y)}h{_short(base - x)}" for x, y in ends)


def _marks(points: Sequence[tuple[str, ...]], mark: str) -> str:
    return "".join(f"M{x},{y}{mark}" for x, y in points)


def _line(points: Sequence[tuple[str, ...]], kind: CurveKind) -> str:
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


def _guide(figure: Figure, layout: _Layout) -> str:
    """Return the path of the level, or of the diagonal."""
    x, y = layout.x, layout.y
    if figure.diagonal:
        low, high = max(x.low, y.low), min(x.high, y.high)
        points = [layout.place(each, each) for each in (low, high)] if low < high else []
    elif figure.level is None:
        points = []
    elif layout.on_its_side:
        points = [(x.at(figure.level), each) for each in (y.start, y.end)]
    else:
        points = [(each, y.at(figure.level)) for each in (x.start, x.end)]
    ends = [f"{_short(across)},{_short(up)}" for across, up in points]
    return f"M{'L'.join(ends)}" if ends else ""


def _short(place: float) -> str:
    return f"{place:.1f}".removesuffix(".0")
