"""Figures for a browser, drawn by plotly: they can be zoomed, and show details on hovering."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from bench.model.colours import COLOURS
from bench.report.figures.figure import DASHES, Axis, Curve, CurveKind, Figure, legend

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 460
ROW = 22
"""The height of a named row."""
GREY = "#888888"


def browser_figure(figure: Figure) -> go.Figure:
    """Return the figure for plotly; the same figure always gives the same JSON."""
    import plotly.graph_objects as go  # noqa: PLC0415 - takes 0.3 s

    return go.Figure(_drawn(figure))


def _drawn(figure: Figure) -> dict[str, Any]:
    traces = [_trace(curve, figure) for curve in figure.curves]
    for trace in traces:
        trace["showlegend"] = False
    for trace in legend(figure.curves, traces).values():
        trace["showlegend"] = True
    layout = {
        "title": {"text": figure.title, "x": 0, "xref": "paper"},
        "xaxis": _axis(figure.y if figure.names else figure.x),
        "yaxis": _names(figure) if figure.names else _axis(figure.y),
        "shapes": _lines(figure),
        "height": max(HEIGHT, ROW * len(figure.names)),
        "margin": {"l": 60, "r": 20, "t": 50, "b": 60},
        "hovermode": "closest",
        "template": _template(),
        "legend": {"orientation": "h", "y": -0.2},
        "showlegend": True,
    }
    return {"data": traces, "layout": layout}


@cache
def _template() -> dict[str, Any]:
    import plotly.io as pio  # noqa: PLC0415 - takes 0.3 s

    found: dict[str, Any] = pio.templates["plotly_white"].to_plotly_json()
    return found


def html_page(*figures: Figure) -> str:
    """Return a page that needs no network; a description precedes each figure."""
    import plotly.io as pio  # noqa: PLC0415 - takes 0.3 s

    parts = [
        f'<p role="note">{_escaped(figure.alternative)}</p>\n'
        + pio.to_html(
            _drawn(figure),
            include_plotlyjs=at == 0,
            full_html=False,
            div_id=f"figure-{at}",
            validate=False,  # most of the time that it takes; the tests validate the same figures
        )
        for at, figure in enumerate(figures)
    ]
    title = _escaped(", ".join(figure.title for figure in figures))
    head = f'<head><meta charset="utf-8"><title>{title}</title></head>'
    body = "\n".join(parts)
    return f'<!DOCTYPE html>\n<html lang="en">\n{head}\n<body>\n{body}\n</body>\n</html>\n'


def _trace(curve: Curve, figure: Figure) -> dict[str, Any]:
    colour = COLOURS[curve.colour % len(COLOURS)]
    xs, ys = (curve.ys, curve.xs) if figure.names else (curve.xs, curve.ys)
    common: dict[str, Any] = {"name": curve.name, "x": list(xs), "y": list(ys)}
    if curve.series:
        common |= {"name": curve.series, "legendgroup": curve.series, "meta": curve.name}
        common |= {"hovertemplate": "%{meta}<br>%{x:.4g}, %{y:.8g}<extra></extra>"}
    if curve.texts:
        common |= {"text": list(curve.texts), "hovertemplate": "%{text}<extra></extra>"}
    if curve.kind is CurveKind.POINTS:
        marker = {"color": colour, "size": 8, "symbol": curve.colour, "opacity": 0.8}
        return common | {"type": "scatter", "mode": "markers", "marker": marker}
    if curve.kind is CurveKind.BARS:
        level = 1.0 if figure.level is None else figure.level
        bars = {"orientation": "h", "base": level, "width": curve.width}
        bars |= {"x": [x - level for x in xs], "marker": {"color": colour}, "textposition": "none"}
        return common | {"type": "bar", **bars}
    dash = DASHES[(curve.colour if curve.dash is None else curve.dash) % len(DASHES)]
    shape = "hv" if curve.kind is CurveKind.STEPS else "linear"
    line = {"color": colour, "dash": dash, "shape": shape, "width": 2}
    return common | {"type": "scatter", "mode": "lines", "line": line}


def _axis(axis: Axis) -> dict[str, Any]:
    drawn: dict[str, Any] = {"title": {"text": axis.label}, "automargin": True}
    if axis.log:
        drawn |= {"type": "log", "tickformat": "~g"}
    if axis.low is not None and axis.high is not None and not axis.log:
        drawn["range"] = [axis.low, axis.high]
    return drawn


def _names(figure: Figure) -> dict[str, Any]:
    """Return the axis of a horizontal figure: a name per row, the first one on top."""
    n = len(figure.names)
    ticks = {"tickmode": "array", "tickvals": list(range(1, n + 1)), "ticktext": figure.names}
    return _axis(figure.x) | ticks | {"range": [n + 0.5, 0.5]}


def _lines(figure: Figure) -> list[dict[str, Any]]:
    line = {"color": GREY, "dash": "dot", "width": 1}
    lines = []
    if figure.level is not None:
        along, across = ("y", "x") if figure.names else ("x", "y")
        ends = {f"{along}0": 0, f"{along}1": 1, f"{along}ref": "paper"}
        ends |= {f"{across}0": figure.level, f"{across}1": figure.level}
        lines.append({"type": "line", **ends, "line": line})
    if figure.diagonal:
        numbers = [x for curve in figure.curves for x in (*curve.xs, *curve.ys)]
        known = [x for x in numbers if x > 0]
        if known:
            low, high = min(known), max(known)
            lines.append(
                {"type": "line", "x0": low, "y0": low, "x1": high, "y1": high, "line": line}
            )
    return lines


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
