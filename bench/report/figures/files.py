"""Figures in files: SVG and PNG of the same shapes as on the report's page, HTML by plotly.

The same figure is the same bytes. In a PNG matplotlib only puts our shapes into pixels: it has no
say in scales, ticks, or the legend.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.errors import BenchError, UsageError
from bench.model.colours import COLOURS
from bench.report.figures.browser import html_page
from bench.report.figures.drawing import BOTTOM, MARKS, RIGHT, TOP, Drawing, Stroke, drawing
from bench.report.figures.figure import Figure
from bench.report.rendering import environment
from bench.report.terminal.table import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SUFFIXES = (".svg", ".png", ".html")
INK, SOFT, RULE = "#1c2126", "#5a646e", "#dde1e5"
WIDTH, ABOVE = 600, -34
"""The width of a file's drawing, and where it begins: above the plot stands the title."""
LEGEND, ENTRY, LETTER, LETTERS = 396, 20, 7, 70
"""Where the legend begins, the height of an entry, the width of a letter, the letters of a name."""
SWATCH = 30
INCHES, DPI = 8.0, 150
POINT = 72 * INCHES / WIDTH
"""So many points of print are a unit of the drawing."""
MARKERS = ("o", "s", "^", "D", "x", "+")
"""What matplotlib calls our marks."""
N_FILLED = 2
"""So many of them are filled, the others are outlines."""
DASHES: Mapping[str, str | tuple[float, tuple[float, ...]]] = {
    "solid": "-",
    "dash": (0, (4.5, 2.5)),
    "dot": (0, (1, 2)),
    "dashdot": (0, (4.5, 2, 1, 2)),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a legend: where it is, an example of the look, and its name."""

    x: float
    y: float
    stroke: Stroke
    name: str


def save(figure: Figure, path: Path) -> None:
    """Write the figure to a file; its suffix says how. UsageError for any other suffix."""
    match path.suffix:
        case ".html":
            content = html_page(figure).encode()
        case ".svg":
            content = svg(figure).encode()
        case ".png":
            content = png(figure)
        case _:
            raise UsageError(f"{path}: expected a name that ends in {', '.join(SUFFIXES)}")
    try:
        path.write_bytes(content)
    except OSError as error:
        raise BenchError(f"{path}: cannot be written: {error.strerror}") from error


def svg(figure: Figure) -> str:
    """Return the figure as an SVG file."""
    drawn = drawing(figure)
    entries = _entries(drawn)
    template = environment().get_template("figure.svg")
    text = template.render(
        drawn=drawn,
        title=_title(drawn),
        entries=entries,
        top=ABOVE,
        height=_bottom(entries) - ABOVE,
        marks=MARKS,
        colours=COLOURS,
        ink=INK,
        soft=SOFT,
        rule=RULE,
    )
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def png(figure: Figure) -> bytes:
    """Return the figure as a PNG file."""
    from matplotlib.figure import Figure as Canvas  # noqa: PLC0415 - takes 0.3 s

    drawn = drawing(figure)
    entries = _entries(drawn)
    bottom = _bottom(entries)
    canvas = Canvas(figsize=(INCHES, INCHES * (bottom - ABOVE) / WIDTH))
    axes = canvas.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(bottom, ABOVE)
    axes.set_axis_off()
    _paint_axes(axes, drawn)
    for stroke in drawn.strokes:
        _paint(axes, stroke, _points(stroke.path), drawn.left)
    if not any(stroke.path for stroke in drawn.strokes):
        middle = (drawn.left + RIGHT) / 2
        _write(axes, middle, 150, "nothing to draw: no results count here", ha="center")
    for entry in entries:
        ends = [entry.x + SWATCH / 2] if entry.stroke.points else [entry.x, entry.x + SWATCH]
        _paint(axes, entry.stroke, [(x, entry.y) for x in ends])
        _write(axes, entry.x + SWATCH + 8, entry.y + 4, entry.name, color=INK)
    file = io.BytesIO()
    canvas.savefig(file, format="png", dpi=DPI, metadata={"Software": None})
    return file.getvalue()


def _title(drawn: Drawing) -> str:
    return shortened(drawn.figure.title, LETTERS - 15)


def _entries(drawn: Drawing) -> list[Entry]:
    """Return the legend in lines below the plot."""
    entries = []
    x, y = drawn.left, float(LEGEND)
    for stroke, name in drawn.legend:
        short = shortened(name, LETTERS)
        width = SWATCH + 24 + LETTER * len(short)
        if x > drawn.left and x + width > WIDTH:
            x, y = drawn.left, y + ENTRY
        entries.append(Entry(x, y, stroke, short))
        x += width
    return entries


def _bottom(entries: Iterable[Entry]) -> float:
    return max((entry.y for entry in entries), default=LEGEND - ENTRY) + ENTRY


def _paint_axes(axes: Axes, drawn: Drawing) -> None:
    """Paint title, grid, ticks, labels and guides, where the template of the SVG has them."""
    line = POINT
    for tick in drawn.x_ticks:
        axes.plot([tick.at, tick.at], [TOP, BOTTOM], color=RULE, linewidth=line)
        _write(axes, tick.at, 344, tick.label, ha="center")
    for tick in drawn.y_ticks:
        axes.plot([drawn.left, RIGHT], [tick.at, tick.at], color=RULE, linewidth=line)
        _write(axes, drawn.left - 6, tick.at + 4, tick.label, ha="right")
    frame = [(drawn.left, TOP), (drawn.left, BOTTOM), (RIGHT, BOTTOM)]
    axes.plot(*zip(*frame, strict=True), color=SOFT, linewidth=line)
    level = [] if drawn.level is None else [(drawn.left, drawn.level), (RIGHT, drawn.level)]
    for guide in (level, _points(drawn.diagonal)):
        if guide:
            axes.plot(*zip(*guide, strict=True), linestyle=(0, (3, 4)), color=SOFT, linewidth=line)
    middle = (drawn.left + RIGHT) / 2
    _write(axes, drawn.left, -10, _title(drawn), color=INK, fontsize=15 * POINT, weight="bold")
    _write(axes, middle, 370, drawn.x_label, ha="center", color=INK)
    _write(axes, 14, 169, drawn.y_label, ha="center", va="center", rotation=90, color=INK)


def _paint(
    axes: Axes, stroke: Stroke, points: list[tuple[float, float]], left: float | None = None
) -> None:
    """Paint a curve; ``left`` is where the plot begins beyond which nothing is seen."""
    if not points:
        return
    xs, ys = zip(*points, strict=True)
    colour = COLOURS[stroke.colour]
    is_filled = stroke.mark < N_FILLED
    looks: dict[str, Any] = (
        {
            "marker": MARKERS[stroke.mark],
            "markerfacecolor": colour if is_filled else "none",
            "markeredgewidth": 0 if is_filled else 2 * POINT,
            "linestyle": "none",
            "alpha": 0.75,
        }
        if stroke.points
        else {"linestyle": DASHES[stroke.dash]}
    )
    (line,) = axes.plot(xs, ys, color=colour, linewidth=2 * POINT, markersize=8 * POINT, **looks)
    if left is not None:
        from matplotlib.patches import Rectangle  # noqa: PLC0415 - takes 0.3 s

        room = Rectangle((left, 6), 592 - left, 324, transform=axes.transData)
        line.set_clip_path(room)


def _points(path: str) -> list[tuple[float, float]]:
    """Return the points of a path; of marks, which are relative, their middles."""
    points: list[tuple[float, float]] = []
    for command, text in re.findall(r"([MLHV])([-\d.,]+)", path):
        numbers = [float(number) for number in text.split(",")]
        match command:
            case "H":
                points.append((numbers[0], points[-1][1]))
            case "V":
                points.append((points[-1][0], numbers[0]))
            case _:
                points.append((numbers[0], numbers[1]))
    return points


def _write(axes: Axes, x: float, y: float, text: str, **looks: Any) -> None:
    plain: dict[str, Any] = {"color": SOFT, "fontsize": 12.5 * POINT, "parse_math": False}
    axes.text(x, y, text, **(plain | looks))
