"""A solver over its versions as one page, and as a figure for each line."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from bench.comparison.history import History, Line
from bench.comparison.options import measure_text
from bench.report.figures.figure import Axis, Curve, CurveKind, Figure
from bench.report.figures.files import svg
from bench.report.rendering import environment
from bench.report.tables import PLAIN
from bench.report.terminal.history import basis_text, line_grid, line_title, sentences


def history_page(history: History, command: str) -> str:
    """Return the page, which needs no network; ``command`` repeats it."""
    lines = [
        {
            "title": line_title(line),
            "figure": Markup(svg(history_figure(line, history))),  # noqa: S704  our own drawing
            "table": line_grid(line, PLAIN),
            "sentences": list(sentences(line, history)),
        }
        for line in history.lines
    ]
    return (
        environment()
        .get_template("history.html")
        .render(lines=lines, basis=basis_text(history), notes=history.notes, command=command)
    )


def history_figure(line: Line, history: History) -> Figure:
    """Return the means of a line with their intervals, a row per version, the oldest first."""
    marked = {step.after for step in line.steps if step.is_marked}
    names = [f"{point.version}{' *' if point.version in marked else ''}" for point in line.points]
    known = [(at, point) for at, point in enumerate(line.points, start=1) if point.mean is not None]
    return Figure(
        title=f"{line.name} by version",
        x=Axis(label="version"),
        y=Axis(
            label=f"shifted geometric mean of the {measure_text(history.measure, history.unit)}"
        ),
        curves=(
            Curve(
                name="mean",
                kind=CurveKind.LINE,
                xs=[at for at, _ in known],
                ys=[point.mean or 0.0 for _, point in known],
                texts=[f"{point.version}: {point.mean:.4g}" for _, point in known],
            ),
            *_intervals(line),
        ),
        alternative=_alternative(line, history),
        names=tuple(names),
    )


def _intervals(line: Line) -> list[Curve]:
    return [
        Curve(
            name="interval over the choice of instances",
            kind=CurveKind.LINE,
            xs=[at, at],
            ys=[point.interval.low, point.interval.high],
            colour=1,
            series="interval over the choice of instances",
        )
        for at, point in enumerate(line.points, start=1)
        if point.interval is not None
    ]


def _alternative(line: Line, history: History) -> str:
    means: Sequence[str] = [
        f"{point.version} {point.mean:.4g}" for point in line.points if point.mean is not None
    ]
    return f"Mean {history.measure} of {line.name} by version: {', '.join(means)}."
