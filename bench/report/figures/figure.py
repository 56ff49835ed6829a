"""A figure as data, independent of the drawing library."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")

DASHES = ("solid", "dash", "dot", "dashdot")
"""A second way to distinguish curves, also in print."""


class CurveKind(StrEnum):
    """How a curve is drawn."""

    STEPS = "steps"
    LINE = "line"
    POINTS = "points"
    BARS = "bars"


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One curve: ``xs`` and ``ys`` of the same length; ``texts`` are shown on hovering.

    ``colour`` is a position in the palette, ``dash`` one in ``DASHES`` (None: the same position).
    Curves of one ``series`` have the same colour, and one entry in the legend. Bars begin at the
    figure's level and have this ``width``; 1 is the distance of two positions.
    """

    name: str
    kind: CurveKind
    xs: Sequence[float]
    ys: Sequence[float]
    texts: Sequence[str] = ()
    colour: int = 0
    dash: int | None = None
    width: float = 0.8
    series: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """The quantity of an axis, with its unit; ``low`` and ``high`` are None if data-driven."""

    label: str
    log: bool = False
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure with its axes and curves.

    ``alternative`` describes the figure in words, for those who cannot see it. ``diagonal`` draws
    the line on which both axes are equal, ``level`` a horizontal one. ``names`` belong to x = 1, 2,
    ...; a figure with names is drawn horizontally, so that they can be read.
    """

    title: str
    x: Axis
    y: Axis
    curves: tuple[Curve, ...]
    alternative: str
    diagonal: bool = False
    level: float | None = None
    names: tuple[str, ...] = ()


def legend(curves: Iterable[Curve], drawn: Iterable[T]) -> dict[str, T]:
    """Return the entries of a legend, each with the drawing of its first curve."""
    entries: dict[str, T] = {}
    for curve, shape in zip(curves, drawn, strict=True):
        entries.setdefault(curve.series or curve.name, shape)
    return entries
