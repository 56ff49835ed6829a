"""Figures in files: SVG, PDF and PNG with the shapes of the report's page, HTML by plotly.

The same figure gives the same bytes. For PDF and PNG, matplotlib only paints these shapes; it
determines neither scales, ticks nor legend.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.errors import BenchError, UsageError
from bench.model.colours import COLOURS
from bench.report.figures.browser import html_page
from bench.report.figures.drawing import LINE, MARKS, TOP, WIDTH, Drawing, Stroke, drawing
from bench.report.figures.figure import Figure
from bench.report.rendering import environment
from bench.report.terminal.table import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FILE_KINDS = ("pdf", "svg", "png", "html")
SUFFIXES = tuple(f".{kind}" for kind in FILE_KINDS)
INK, SOFT, RULE = "#1c2126", "#5a646e", "#dde1e5"
ABOVE = -34.0
"""The top of a drawing with a title: above the plot."""
LEFT_OF_LEGEND = 14.0
"""The left end of a legend that has too little room below the plot."""
TITLE_LETTER = 9.3
"""The width of a letter of the title."""
TRUE_TYPE = 42
"""The font type with which matplotlib keeps letters as text."""
PDF_METADATA = ("Creator", "Producer", "CreationDate")
"""Metadata that would make each file different."""
LEGEND, ENTRY, LETTER, SWATCH = 16.0, 20.0, 7.0, 30.0
"""The distance of the legend below the drawing, the height of an entry, the width of a letter, and
the width of an example of a curve.
"""
POINT = 0.96
"""The size of a unit in points, for a drawing of 8 inches."""
PAPER_POINT = 0.64
"""The size of a unit in points on paper, where text is 8 points high."""
SCREEN_PIXELS = 1.5
"""The size of a unit in pixels of an SVG for the screen."""
POINTS_PER_MM = 72 / 25.4
DPI, PAPER_DPI = 150, 300
MARKERS = ("o", "s", "^", "D", "x", "+")
"""The names of the marks in matplotlib."""
N_FILLED = 2
"""The number of filled marks; the others are outlines."""
DASHES: Mapping[str, str | tuple[float, tuple[float, ...]]] = {
    "solid": "-",
    "dash": (0, (4.5, 2.5)),
    "dot": (0, (1, 2)),
    "dashdot": (0, (4.5, 2, 1, 2)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """The requirements of a paper for a figure.

    ``width_mm`` is that of the column (None: that of the screen); text is 8 points high at this
    width. ``title``: whether the figure has one; a paper has a caption. Fonts are embedded.
    """

    width_mm: float | None = None
    title: bool = True

    @property
    def width(self) -> float:
        """The width of the drawing in its own units."""
        return WIDTH if self.width_mm is None else self.width_mm * POINTS_PER_MM / PAPER_POINT

    @property
    def point(self) -> float:
        """The size of a unit of the drawing in points."""
        return POINT if self.width_mm is None else PAPER_POINT


SCREEN = Paper()


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a legend: its position, an example of the look, and its name."""

    x: float
    y: float
    stroke: Stroke
    name: str


def save(figure: Figure, path: Path, paper: Paper | None = None) -> None:
    """Write the figure to a file in the format of its suffix. UsageError for any other suffix."""
    match path.suffix:
        case ".html":
            content = html_page(figure).encode()
        case ".svg":
            content = svg(figure, paper).encode()
        case ".pdf":
            content = pdf(figure, paper or SCREEN)
        case ".png":
            content = png(figure, paper or SCREEN)
        case _:
            raise UsageError(f"{path}: expected a name that ends in {', '.join(SUFFIXES)}")
    try:
        path.write_bytes(content)
    except OSError as error:
        raise BenchError(f"{path}: cannot be written: {error.strerror}") from error


def svg(figure: Figure, paper: Paper | None = None) -> str:
    """Return the figure as an SVG file; for a paper, with the letters of its font."""
    on = paper or SCREEN
    drawn = drawing(figure, on.width)
    entries = _entries(drawn)
    top, bottom = _top(on), _bottom(drawn, entries)
    sizes = (drawn.width, bottom - top)
    if on.width_mm is None:
        size = [f"{SCREEN_PIXELS * each:g}" for each in sizes]
    else:
        size = [f"{each * PAPER_POINT / POINTS_PER_MM:.2f}mm" for each in sizes]
    content = {
        "drawn": drawn,
        "title": _title(drawn) if on.title else "",
        "entries": entries,
        "top": top,
        "height": bottom - top,
        "size": size,
        "marks": MARKS,
        "colours": COLOURS,
        "ink": INK,
        "soft": SOFT,
        "rule": RULE,
    }
    template = environment().get_template("figure.svg")
    text = _printable(template.render(content, font=""))
    if paper is None:
        return text
    return _printable(template.render(content, font=embedded_font(text)))


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def embedded_font(text: str) -> str:
    """Return the letters of a text from the font of the figures, as base64."""
    from fontTools import subset, ttLib  # noqa: PLC0415 - takes 0.2 s
    from matplotlib import get_data_path  # noqa: PLC0415 - takes 0.2 s

    options = subset.Options(
        hinting=False,
        layout_features=[],
        name_IDs=[],
        notdef_outline=True,
        drop_tables=[*subset.Options().drop_tables, "FFTM"],
    )
    path = Path(get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    with ttLib.TTFont(path, recalcTimestamp=False) as font:
        letters = subset.Subsetter(options)
        letters.populate(text=text)
        letters.subset(font)
        file = io.BytesIO()
        font.save(file)
    return base64.b64encode(file.getvalue()).decode()


def pdf(figure: Figure, paper: Paper = SCREEN) -> bytes:
    """Return the figure as a PDF file with its fonts."""
    from matplotlib import rc_context  # noqa: PLC0415 - takes 0.3 s

    with rc_context({"pdf.fonttype": TRUE_TYPE}):
        return _painted(figure, paper, format="pdf", metadata=dict.fromkeys(PDF_METADATA))


def png(figure: Figure, paper: Paper = SCREEN) -> bytes:
    """Return the figure as a PNG file."""
    dpi = DPI if paper.width_mm is None else PAPER_DPI
    return _painted(figure, paper, format="png", dpi=dpi, metadata={"Software": None})


def _painted(figure: Figure, paper: Paper, **how: Any) -> bytes:
    from matplotlib.figure import Figure as Canvas  # noqa: PLC0415 - takes 0.3 s

    drawn = drawing(figure, paper.width)
    entries = _entries(drawn)
    top, bottom, point = _top(paper), _bottom(drawn, entries), paper.point
    canvas = Canvas(figsize=(drawn.width * point / 72, (bottom - top) * point / 72))
    axes = canvas.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, drawn.width)
    axes.set_ylim(bottom, top)
    axes.set_axis_off()
    brush = _Brush(axes, point)
    brush.paint_axes(drawn, _title(drawn) if paper.title else "")
    for stroke in drawn.strokes:
        ends_of = _bar_ends if stroke.thickness else _points
        brush.paint(stroke, ends_of(stroke.path), drawn)
    if not any(stroke.path for stroke in drawn.strokes):
        middle = (drawn.left + drawn.right) / 2
        brush.write(middle, 150, "nothing to draw: no results count here", ha="center")
    for entry in entries:
        is_mark = entry.stroke.points
        ends = [entry.x + SWATCH / 2] if is_mark else [entry.x, entry.x + SWATCH]
        brush.paint(entry.stroke, [(x, entry.y) for x in ends])
        brush.write(entry.x + SWATCH + 8, entry.y + 4, entry.name, color=INK)
    file = io.BytesIO()
    canvas.savefig(file, **how)
    return file.getvalue()


def _title(drawn: Drawing) -> str:
    return shortened(drawn.figure.title, round((drawn.width - drawn.left) / TITLE_LETTER))


def _entries(drawn: Drawing) -> list[Entry]:
    """Return the legend in lines below the plot."""
    entries = []
    left = drawn.left if drawn.width - drawn.left > drawn.width / 2 else LEFT_OF_LEGEND
    most = round((drawn.width - left - SWATCH - 24) / LETTER)
    x, y = left, drawn.height + LEGEND
    for stroke, name in drawn.legend:
        short = shortened(name, most)
        width = SWATCH + 24 + LETTER * len(short)
        if x > left and x + width > drawn.width:
            x, y = left, y + ENTRY
        entries.append(Entry(x, y, stroke, short))
        x += width
    return entries


def _top(paper: Paper) -> float:
    return ABOVE if paper.title else 0.0


def _bottom(drawn: Drawing, entries: Iterable[Entry]) -> float:
    return max((entry.y for entry in entries), default=drawn.height + LEGEND - ENTRY) + ENTRY


@dataclass(frozen=True, slots=True)
class _Brush:
    """Paints shapes into matplotlib's axes; ``point`` is the size of a unit."""

    axes: Axes
    point: float

    def paint_axes(self, drawn: Drawing, title: str) -> None:
        """Paint title, grid, ticks, labels and guide, at the same positions as the SVG template."""
        left, right, bottom = drawn.left, drawn.right, drawn.bottom
        for tick in drawn.x_ticks:
            self._line([(tick.at, TOP), (tick.at, bottom)], RULE)
            self.write(tick.at, bottom + 18, tick.label, ha="center")
        for tick in drawn.y_ticks:
            self._line([(left, tick.at), (right, tick.at)], RULE)
            self.write(left - 6, tick.at + 4, tick.label, ha="right")
        self._line([(left, TOP), (left, bottom), (right, bottom)], SOFT)
        if drawn.guide:
            self._line(_points(drawn.guide), SOFT, linestyle=(0, (3, 4)))
        middle, centre = (left + right) / 2, (bottom + TOP) / 2
        self.write(left, -10, title, color=INK, fontsize=15 * self.point, weight="bold")
        for at, line in enumerate(drawn.x_label):
            self.write(middle, bottom + 44 + LINE * at, line, ha="center", color=INK)
        self.write(14, centre, drawn.y_label, ha="center", va="center", rotation=90, color=INK)

    def paint(
        self, stroke: Stroke, points: list[tuple[float, float]], inside: Drawing | None = None
    ) -> None:
        """Paint a curve; the parts outside its plot are clipped."""
        if not points:
            return
        if stroke.thickness:
            self._paint_bars(stroke, points)
            return
        xs, ys = zip(*points, strict=True)
        colour = COLOURS[stroke.colour]
        is_filled = stroke.mark < N_FILLED
        looks: dict[str, Any] = (
            {
                "marker": MARKERS[stroke.mark],
                "markerfacecolor": colour if is_filled else "none",
                "markeredgewidth": 0 if is_filled else 2 * self.point,
                "linestyle": "none",
                "alpha": 0.75,
            }
            if stroke.points
            else {"linestyle": DASHES[stroke.dash]}
        )
        width, size = 2 * self.point, 8 * self.point
        (line,) = self.axes.plot(xs, ys, color=colour, linewidth=width, markersize=size, **looks)
        if inside is not None:
            from matplotlib.patches import Rectangle  # noqa: PLC0415 - takes 0.3 s

            size_x, size_y = inside.right + 6 - inside.left, inside.bottom - 2
            room = Rectangle((inside.left, 6), size_x, size_y, transform=self.axes.transData)
            line.set_clip_path(room)

    def _paint_bars(self, stroke: Stroke, points: list[tuple[float, float]]) -> None:
        """Paint bars, each a pair of points, or an example in a legend."""
        looks: dict[str, Any] = {"solid_capstyle": "butt", "color": COLOURS[stroke.colour]}
        for ends in zip(points[::2], points[1::2], strict=True):
            xs, ys = zip(*ends, strict=True)
            self.axes.plot(xs, ys, linewidth=stroke.thickness * self.point, **looks)

    def _line(self, points: list[tuple[float, float]], colour: str, **looks: Any) -> None:
        self.axes.plot(*zip(*points, strict=True), color=colour, linewidth=self.point, **looks)

    def write(self, x: float, y: float, text: str, **looks: Any) -> None:
        """Write a text."""
        plain: dict[str, Any] = {"color": SOFT, "fontsize": 12.5 * self.point, "parse_math": False}
        self.axes.text(x, y, text, **(plain | looks))


def _points(path: str) -> list[tuple[float, float]]:
    """Return the points of a path; for marks, which are relative, their centres."""
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


def _bar_ends(path: str) -> list[tuple[float, float]]:
    """Return both ends of each bar of a path."""
    ends = []
    for texts in re.findall(r"M([-\d.]+),([-\d.]+)h([-\d.]+)", path):
        x, y, length = map(float, texts)
        ends += [(x, y), (x + length, y)]
    return ends
