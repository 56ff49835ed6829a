"""Figures in files: the shapes of the page, as SVG and as PNG."""

from __future__ import annotations

import base64
import io
import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib.colors import to_rgb
from matplotlib.image import imread

from bench.model.colours import COLOURS
from bench.report.figures.drawing import drawing
from bench.report.figures.figure import Axis, Curve, CurveKind, Figure
from bench.report.figures.files import Paper, pdf, png, svg

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


PAPER = Paper(width_mm=84, title=False)


def test_a_pdf_has_its_fonts_and_is_always_the_same() -> None:
    """TrueType, so that letters stay letters; no time of its making."""
    whole = figure(CurveKind.STEPS, "a", "b")
    content = pdf(whole, PAPER)
    assert content.startswith(b"%PDF")
    assert b"/FontFile2" in content
    assert b"/Type3" not in content
    assert b"CreationDate" not in content
    assert content == pdf(whole, PAPER)
    (box,) = set(re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ", content))
    assert float(box) == pytest.approx(84 / 25.4 * 72, rel=1e-3)


def test_an_svg_for_a_paper_has_its_width_and_the_letters_of_its_font() -> None:
    """A title is left to the caption; other letters are not in it."""
    whole = figure(CurveKind.STEPS, "a", "b")
    text = svg(whole, PAPER)
    root = ET.fromstring(text)  # noqa: S314 - made a line above
    assert root.get("width") == "84.00mm"
    assert not [each for each in root.iter(f"{SVG}text") if each.get("class") == "title"]
    (font,) = re.findall(r"base64,([^)]+)", text)
    with TTFont(io.BytesIO(base64.b64decode(font))) as letters:
        known = {chr(code) for code in letters.getBestCmap()}
    assert set("seconds") <= known
    assert "Z" not in known
    assert text == svg(whole, PAPER)
    assert "font-face" not in svg(whole)


@pytest.mark.parametrize("width_mm", [50, 84, 174])
def test_texts_on_paper_are_as_large_as_in_print(width_mm: float) -> None:
    """Eight points, whatever the width."""
    root = ET.fromstring(svg(figure(CurveKind.LINE, "a"), Paper(width_mm=width_mm)))  # noqa: S314 - made here
    units = float((root.get("viewBox") or "").split()[2])
    assert 12.5 * width_mm / units / 25.4 * 72 == pytest.approx(8, rel=0.01)


def test_bars_are_painted() -> None:
    """In the colour of their setting."""
    curve = Curve(name="b", kind=CurveKind.BARS, xs=[1, 2], ys=[0.5, 2.0], colour=1)
    axis = Axis(label="ratio", log=True)
    whole = Figure(
        title="T", x=AXIS, y=axis, curves=(curve,), alternative="", level=1.0, names=("p", "q")
    )
    pixels = imread(io.BytesIO(png(whole)))[..., :3]
    near = np.abs(pixels - np.array(to_rgb(COLOURS[1]))).max(axis=2) < 0.1
    assert near.sum() > 10_000
