"""Figures in files: the shapes of the page, as SVG and as PNG."""

from __future__ import annotations

import io
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.image import imread

from bench.model.colours import COLOURS
from bench.report.figures.drawing import drawing
from bench.report.figures.figure import Axis, Curve, CurveKind, Figure
from bench.report.figures.files import png, svg

SVG = "{http://www.w3.org/2000/svg}"
AXIS = Axis(label="seconds")


def figure(kind: CurveKind, *names: str) -> Figure:
    """Return a figure with a curve for each name."""
    curves = tuple(
        Curve(name=name, kind=kind, xs=[1, 2, 3], ys=[at + 1.0, at + 1.0, at + 3.0], colour=at)
        for at, name in enumerate(names)
    )
    return Figure(title="T", x=AXIS, y=AXIS, curves=curves, alternative="in words", level=2.0)


def test_an_svg_has_the_paths_of_the_page_and_what_is_seen_in_words() -> None:
    """It needs no script and no style from elsewhere; names are escaped."""
    whole = figure(CurveKind.STEPS, "a", '<b> & "c"')
    root = ET.fromstring(svg(whole))  # noqa: S314 - made a line above
    paths = {element.get("d") for element in root.iter(f"{SVG}path")}
    assert {stroke.path for stroke in drawing(whole).strokes} <= paths
    assert [element.text for element in root.iter(f"{SVG}desc")] == ["in words"]
    assert '<b> & "c"' in {element.text for element in root.iter(f"{SVG}text")}
    assert "data-" not in svg(whole)


@pytest.mark.parametrize("kind", list(CurveKind))
def test_a_png_shows_every_curve_in_its_colour(kind: CurveKind) -> None:
    """Lines, steps and points."""
    pixels = imread(io.BytesIO(png(figure(kind, "a", "b"))))[..., :3]
    for colour in COLOURS[:2]:
        near = np.abs(pixels - np.array(to_rgb(colour))).max(axis=2) < 0.3
        assert near.sum() > 100


def test_a_long_legend_has_lines_below_each_other() -> None:
    """The file is as high as it takes, and nothing is beyond its edge."""
    few, many = (ET.fromstring(svg(figure(CurveKind.LINE, *names))) for names in ("ab", NAMES))  # noqa: S314 - made here
    heights = [float((root.get("viewBox") or "").split()[3]) for root in (few, many)]
    assert heights[1] > heights[0] + 100


NAMES = [f"a setting with a long name {at}" for at in range(20)]


def test_characters_that_xml_has_not_are_left_out() -> None:
    """The name of a file may have any."""
    assert ET.fromstring(svg(figure(CurveKind.LINE, "a\x01b\udc80"))) is not None  # noqa: S314 - made here


def test_names_with_dollars_are_no_formulas() -> None:
    """A PNG shows them as they are, as an SVG does."""
    assert png(figure(CurveKind.LINE, "$x$")) != png(figure(CurveKind.LINE, "x"))
    assert png(figure(CurveKind.LINE, "$\\nonsense{$"))
