"""Figures in files: SVG and PNG by matplotlib, HTML by plotly; the same figure, the same bytes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors import BenchError, UsageError
from bench.model.colours import COLOURS
from bench.report.figures.browser import html_page
from bench.report.figures.drawing import Scale
from bench.report.figures.figure import Axis, Curve, Figure, Kind, legend

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis as DrawnAxis
    from matplotlib.container import Container

SUFFIXES = (".svg", ".png", ".html")
STYLES = ("-", "--", ":", "-.")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
SIZE = (8.0, 5.0)
DPI = 150


def save(figure: Figure, path: Path) -> None:
    """Write the figure to a file; its suffix says how. UsageError for any other suffix."""
    if path.suffix not in SUFFIXES:
        raise UsageError(f"{path}: expected a name that ends in {', '.join(SUFFIXES)}")
    content = (
        html_page(figure).encode() if path.suffix == ".html" else drawn(figure, path.suffix[1:])
    )
    try:
        path.write_bytes(content)
    except OSError as error:
        raise BenchError(f"{path}: cannot be written: {error.strerror}") from error


def drawn(figure: Figure, kind: str) -> bytes:
    """Return the figure as ``svg`` or ``png``."""
    import matplotlib as mpl  # noqa: PLC0415 - takes 0.3 s
    from matplotlib.figure import Figure as Canvas  # noqa: PLC0415 - takes 0.3 s

    file = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "bench", "svg.fonttype": "none"}):
        canvas = Canvas(figsize=SIZE, layout="constrained")
        axes = canvas.add_subplot()
        shapes = [_draw(axes, curve) for curve in figure.curves]
        _decorate(axes, figure)
        if shapes:
            entries = legend(figure.curves, shapes)
            axes.legend(list(entries.values()), list(entries), fontsize=8)
        metadata = {"Date": None} if kind == "svg" else {"Software": None}
        canvas.savefig(file, format=kind, dpi=DPI, metadata=metadata)
    return file.getvalue()


def _draw(axes: Axes, curve: Curve) -> Artist | Container:
    colour = COLOURS[curve.colour % len(COLOURS)]
    match curve.kind:
        case Kind.BARS:
            return axes.bar([str(x) for x in curve.xs], curve.ys, color=colour)
        case Kind.POINTS:
            marker = MARKERS[curve.colour % len(MARKERS)]
            (line,) = axes.plot(curve.xs, curve.ys, marker, color=colour, alpha=0.8)
        case _:
            style = STYLES[curve.colour % len(STYLES)]
            steps = "steps-post" if curve.kind is Kind.STEPS else "default"
            (line,) = axes.plot(curve.xs, curve.ys, style, color=colour, drawstyle=steps)
    return line


def _decorate(axes: Axes, figure: Figure) -> None:
    axes.set_title(figure.title, loc="left")
    axes.set_xlabel(figure.x.label)
    axes.set_ylabel(figure.y.label)
    _scale(axes, figure)
    if figure.level is not None:
        axes.axhline(figure.level, color="grey", linestyle=":", linewidth=1)
    if figure.diagonal:
        axes.axline((1, 1), (2, 2), color="grey", linestyle=":", linewidth=1)
    axes.grid(visible=True, alpha=0.3)
    if any(curve.kind is Kind.BARS for curve in figure.curves):
        axes.tick_params(axis="x", labelrotation=90, labelsize=7)


def _scale(axes: Axes, figure: Figure) -> None:
    for axis, set_scale, set_limits, drawn_axis in (
        (figure.x, axes.set_xscale, axes.set_xlim, axes.xaxis),
        (figure.y, axes.set_yscale, axes.set_ylim, axes.yaxis),
    ):
        if axis.log:
            set_scale("log")
        if _limited(axis):
            set_limits(axis.low, axis.high)
        if axis.log:
            _plain_numbers(drawn_axis)


def _plain_numbers(axis: DrawnAxis) -> None:
    """Write 0.1, 2 and 1000 on a logarithmic axis, not powers of ten."""
    from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator  # noqa: PLC0415 - ditto

    low, high = sorted(axis.get_view_interval())
    if low > 0 and high < 10 * low:
        scale = Scale(low=low, high=high, start=0.0, end=1.0, log=True)
        axis.set_ticks([value for value, _ in scale.ticks()])
        axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def _limited(axis: Axis) -> bool:
    return axis.low is not None and axis.high is not None
