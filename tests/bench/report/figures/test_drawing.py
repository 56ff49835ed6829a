"""Figures as shapes of SVG, and their scales."""

from __future__ import annotations

import json
import math
import re
from itertools import pairwise

import pytest

from bench.model.colours import COLOURS
from bench.report.figures.browser import browser_figure
from bench.report.figures.drawing import RIGHT, Scale, drawing
from bench.report.figures.figure import Axis, Curve, CurveKind, Figure
from bench.report.figures.files import svg


@pytest.mark.parametrize(
    ("low", "high", "log", "labels"),
    [
        (0, 10, False, ["0", "2", "4", "6", "8", "10"]),
        (0, 1.02, False, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (-3e9, 3e9, False, ["-3e+09", "-2e+09", "-1e+09", "0", "1e+09", "2e+09", "3e+09"]),
        (1, 1000, True, ["1", "2", "5", "10", "20", "50", "100", "200", "500", "1000"]),
        (1e-6, 1e6, True, ["1e-06", "0.0001", "0.01", "1", "100", "10000", "1e+06"]),
        (1, 2, True, ["1.0", "1.2", "1.4", "1.6", "1.8", "2.0"]),
    ],
)
def test_ticks_are_round(low: float, high: float, log: bool, labels: list[str]) -> None:
    """And some, not many; their labels tell them apart."""
    ticks = Scale(low=low, high=high, start=0, end=100, log=log).ticks()
    assert [label for _, label in ticks] == labels


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize(
    "values", [[], [0.0], [5.0, 5.0], [-1.0, 1.0], [1e-9, 1e9], [1.0, math.inf], [math.nan]]
)
def test_any_values_have_a_scale(values: list[float], log: bool) -> None:
    """Nothing, one number, zero, infinity: each is drawn somewhere, with some ticks."""
    scale = Scale.of(values, 0, 100, log=log)
    assert 1 <= len(scale.ticks()) <= 20
    assert all(-1e-6 <= scale.at(value) <= 100 + 1e-6 for value, _ in scale.ticks())
    known = [each for each in values if math.isfinite(each) and (each > 0 or not log)]
    assert all(0 < scale.at(each) < 100 for each in known)


def figure(*curves: Curve, log: bool = False) -> Figure:
    """Return a figure with these curves."""
    axis = Axis(label="seconds", log=log)
    return Figure(title="T", x=axis, y=axis, curves=curves, alternative="A", diagonal=True)


def test_steps_go_sideways_and_then_up() -> None:
    """One horizontal and one vertical part a point."""
    curve = Curve(name="c", kind=CurveKind.STEPS, xs=[1, 2, 3], ys=[1.0, 2.0, 2.0])
    (stroke,) = drawing(figure(curve)).strokes
    assert re.fullmatch(r"M[\d.]+,[\d.]+H[\d.]+V[\d.]+H[\d.]+", stroke.path)


def test_points_are_marks_with_their_texts() -> None:
    """A mark a point; the texts are JSON in the same order."""
    names = ['<script>"', "ü"]
    curve = Curve(name="c", kind=CurveKind.POINTS, xs=[1, 2], ys=[1.0, 2.0], texts=names, colour=2)
    (stroke,) = drawing(figure(curve)).strokes
    assert stroke.path.count("M") == 2
    assert json.loads(stroke.texts) == names


def test_many_settings_never_look_the_same() -> None:
    """Where the colours begin again, the dashes do not."""
    curves = [
        Curve(name=str(k), kind=CurveKind.LINE, xs=[1, 2], ys=[1.0, 2.0], colour=k)
        for k in range(3 * len(COLOURS))
    ]
    strokes = drawing(figure(*curves)).strokes
    assert len({(stroke.colour, stroke.dash) for stroke in strokes}) == len(strokes)


def test_a_single_point_of_a_line_is_a_mark() -> None:
    """A line of no length would not be seen."""
    curve = Curve(name="c", kind=CurveKind.STEPS, xs=[1.5], ys=[1.0])
    (stroke,) = drawing(figure(curve)).strokes
    assert stroke.points


def test_there_is_nothing_between_counts() -> None:
    """Half a pair is never solved."""
    curve = Curve(name="c", kind=CurveKind.STEPS, xs=[1, 2], ys=[0.5, 1.0])
    assert [tick.label for tick in drawing(figure(curve)).x_ticks] == ["1", "2"]


def test_ratios_on_a_narrow_axis_are_named_on_both_sides_of_1() -> None:
    """Labels of a logarithmic axis are closest at its upper end: fewer of them, not 1.0 and 1.5."""
    whole = Figure(
        title="T",
        x=Axis(label="instance"),
        y=Axis(label="ratio", log=True),
        curves=(Curve(name="c", kind=CurveKind.BARS, xs=[1, 2], ys=[0.54, 1.6]),),
        alternative="A",
        level=1.0,
        names=("an instance with a name that is rather long", "short"),
    )
    drawn = drawing(whole, 360.0)
    labels = [tick.label for tick in drawn.x_ticks]
    assert "1.0" in labels
    assert float(labels[0]) < 1.0 < float(labels[-1])


def test_what_has_no_logarithm_stays_in_the_figure_s_sight() -> None:
    """A zero on a logarithmic axis is no error."""
    curve = Curve(name="c", kind=CurveKind.POINTS, xs=[0, 2], ys=[0.0, 2.0])
    assert "nan" not in drawing(figure(curve, log=True)).strokes[0].path


def test_long_labels_are_shortened_and_long_numbers_have_room() -> None:
    """The plot begins behind the longest number."""
    curve = Curve(name="c", kind=CurveKind.LINE, xs=[1, 2], ys=[1_000_000.0, 2_000_000.0])
    long = figure(curve)
    drawn = drawing(
        Figure(**{f: getattr(long, f) for f in long.__slots__} | {"x": Axis(label="w" * 200)})
    )
    assert len(drawn.x_label) < 100
    assert 90 < drawn.left < RIGHT


def test_curves_of_a_series_are_one_entry_of_the_legend() -> None:
    """Bounds of several seeds are one entry a setting, whatever draws them."""
    curves = [
        Curve(name=name, kind=CurveKind.LINE, xs=[1, 2], ys=[1.0, 2.0], colour=at, series=name[0])
        for at, name in ((0, "a primal"), (0, "a dual"), (1, "b primal"))
    ]
    whole = figure(*curves)
    assert [name for _, name in drawing(whole).legend] == ["a", "b"]
    shown = [trace.name for trace in browser_figure(whole).data if trace.showlegend]
    assert shown == ["a", "b"]
    file = svg(whole)
    assert (file.count(">a</text>"), file.count(">b</text>"), file.count("primal")) == (1, 1, 0)


def test_a_figure_with_names_lies_on_its_side() -> None:
    """A row a name, the first above; bars go from the level to the value."""
    curve = Curve(name="c", kind=CurveKind.BARS, xs=[1, 2, 3], ys=[0.5, 1.0, 2.0])
    whole = Figure(
        title="T",
        x=Axis(label="instance"),
        y=Axis(label="ratio", log=True),
        curves=(curve,),
        alternative="A",
        level=1.0,
        names=("first", "second", "a name that is much longer than there is room for"),
    )
    drawn = drawing(whole)
    assert [tick.label for tick in drawn.y_ticks[:2]] == ["first", "second"]
    assert "…" in drawn.y_ticks[2].label
    heights = [tick.at for tick in drawn.y_ticks]
    assert heights == sorted(heights)
    bars = re.findall(r"M([\d.]+),([\d.]+)h([-\d.]+)", drawn.strokes[0].path)
    starts = [float(x) for x, _, _ in bars]
    assert [float(y) for _, y, _ in bars] == heights
    assert starts == sorted(starts)
    levels = {round(float(x) + float(length), 1) for x, _, length in bars}
    assert len(levels) == 1
    assert (drawn.x_label, drawn.y_label) == (("ratio",), "instance")
    (trace,) = browser_figure(whole).data
    assert list(trace.x) == [-0.5, 0.0, 1.0]
    assert list(trace.y) == [1, 2, 3]


@pytest.mark.parametrize("width", [200.0, 330.0, 600.0, 800.0])
@pytest.mark.parametrize("ends", [(1, 1000), (0.001, 1), (123.4, 987.6), (1, 1.5), (1, 12345678)])
@pytest.mark.parametrize("log", [False, True])
def test_ticks_have_room_beside_each_other(
    width: float, ends: tuple[float, float], log: bool
) -> None:
    """Also in a narrow column; and there are two of them."""
    axis = Axis(label="seconds", log=log)
    curve = Curve(name="c", kind=CurveKind.LINE, xs=ends, ys=[1.0, 2.0])
    ticks = drawing(
        Figure(title="T", x=axis, y=axis, curves=(curve,), alternative="A"), width
    ).x_ticks
    assert len(ticks) > 1 or log
    assert all(
        right.at - left.at >= 3.5 * (len(left.label) + len(right.label))
        for left, right in pairwise(ticks)
    )


def test_a_long_label_has_two_lines() -> None:
    """It is cut only where they are too short for it."""
    label = "at most this many times the best solving time (s)"
    axis = Axis(label=label)
    curve = Curve(name="c", kind=CurveKind.LINE, xs=[1, 2], ys=[1.0, 2.0])
    whole = Figure(title="T", x=axis, y=Axis(label="y"), curves=(curve,), alternative="A")
    wide, narrow = drawing(whole), drawing(whole, 300)
    assert wide.x_label == (label,)
    assert len(narrow.x_label) == 2
    assert " ".join(narrow.x_label) == label
    assert narrow.height - narrow.bottom > wide.height - wide.bottom
