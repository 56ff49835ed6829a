"""Figures of a comparison, drawn and looked into."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from bench.comparison.compare import Prepared, prepare
from bench.comparison.options import Options
from bench.errors import UsageError
from bench.report.figures.browser import browser_figure
from bench.report.figures.figure import Axis, Curve, CurveKind, Figure
from bench.report.figures.files import save
from bench.report.figures.settings import SETTING_FIGURES

OPTIONS = Options(n_resamples=100, subsets=("all",))
TIMES = {"default": (1.0, 2.0, 4.0), '<b>quick & "dirty"</b>': (2.0, 1.0, 1.0)}


@pytest.fixture
def ready() -> Prepared:
    """Return results of two settings on three instances; the first has not solved the last."""
    rows = [
        {
            "instance": f"i{k}",
            "setting": setting,
            "verdict": "limit" if (setting, k) == ("default", 2) else "solved",
            "termination": "time" if (setting, k) == ("default", 2) else "normal",
            "solve_time_s": time,
            "time_limit_s": 4.0,
        }
        for setting, times in TIMES.items()
        for k, time in enumerate(times)
    ]
    return prepare(pd.DataFrame(rows), OPTIONS)


def test_a_profile_begins_with_the_share_on_which_a_setting_is_best(ready: Prepared) -> None:
    """And what is never solved is never counted."""
    figure = SETTING_FIGURES["profile"](ready, OPTIONS)
    first, second = figure.curves
    assert (first.ys[0], second.ys[0]) == pytest.approx((1 / 3, 2 / 3))
    assert (first.ys[-1], second.ys[-1]) == pytest.approx((2 / 3, 1.0))
    assert "33% and 67%" in figure.alternative


def test_a_cactus_counts_what_is_solved(ready: Prepared) -> None:
    """The curve of the setting with a time limit is one shorter."""
    curves = SETTING_FIGURES["cactus"](ready, OPTIONS).curves
    assert [list(curve.ys) for curve in curves] == [[1.0, 2.0], [1.0, 1.0, 2.0]]


def test_a_scatter_names_each_block(ready: Prepared) -> None:
    """The baseline is on the x axis, and hovering tells the instance."""
    (curve,) = SETTING_FIGURES["scatter"](ready, OPTIONS).curves
    assert list(zip(curve.xs, curve.ys, strict=True)) == [(1.0, 2.0), (2.0, 1.0), (4.0, 1.0)]
    assert [text.split(":")[0] for text in curve.texts] == ["i0", "i1", "i2"]


def test_ratios_are_of_shifted_values_in_ascending_order(ready: Prepared) -> None:
    """(1 + 1) / (4 + 1) is the smallest."""
    (curve,) = SETTING_FIGURES["ratios"](ready, OPTIONS).curves
    assert list(curve.ys) == pytest.approx([2 / 5, 2 / 3, 3 / 2])


def _ready(n: int, *settings: str) -> Prepared:
    rows = [
        {
            "instance": f"i{k}",
            "setting": setting,
            "verdict": "solved",
            "solve_time_s": 1.0 + at * (k % 3),
            "time_limit_s": 9.0,
        }
        for at, setting in enumerate(settings)
        for k in range(n)
    ]
    return prepare(pd.DataFrame(rows), OPTIONS)


def test_up_to_forty_instances_are_named_in_one_order() -> None:
    """Each row has a bar for each setting; of more instances each setting has its own order."""
    named = SETTING_FIGURES["ratios"](_ready(40, "a", "b", "c"), OPTIONS)
    assert len(named.names) == 40
    assert {curve.kind for curve in named.curves} == {CurveKind.BARS}
    first, second = named.curves
    assert [text.split(":")[0] for text in first.texts] == list(named.names)
    assert [text.split(":")[0] for text in second.texts] == list(named.names)
    assert 0.5 < first.xs[0] < 1 < second.xs[0] < 1.5
    many = SETTING_FIGURES["ratios"](_ready(41, "a", "b", "c"), OPTIONS)
    assert many.names == ()
    assert {curve.kind for curve in many.curves} == {CurveKind.POINTS}
    crowd = SETTING_FIGURES["ratios"](_ready(3, *"abcdef"), OPTIONS)
    assert {curve.kind for curve in crowd.curves} == {CurveKind.POINTS}
    assert crowd.names


@pytest.mark.parametrize("suffix", [".svg", ".pdf", ".png", ".html"])
def test_the_same_figure_is_the_same_file(ready: Prepared, tmp_path: Path, suffix: str) -> None:
    """Byte for byte, whoever draws it and when."""
    figure = SETTING_FIGURES["profile"](ready, OPTIONS)
    paths = [tmp_path / f"{name}{suffix}" for name in ("a", "b")]
    for path in paths:
        save(figure, path)
    first, second = (path.read_bytes() for path in paths)
    assert first == second
    assert len(first) > 1000


def test_a_page_needs_no_network_and_escapes_names(ready: Prepared, tmp_path: Path) -> None:
    """No source or stylesheet from elsewhere, and no tag of a setting's name in the text."""
    path = tmp_path / "scatter.html"
    save(SETTING_FIGURES["scatter"](ready, OPTIONS), path)
    page = path.read_text()
    assert not re.search(r'<(script|link|img)[^>]*(src|href)="https?:', page)
    assert "<b>quick" not in page.split("<div")[0]


def test_every_axis_says_what_it_measures(ready: Prepared) -> None:
    """Also in the browser, with a legend for a single curve."""
    for make in SETTING_FIGURES.values():
        layout = browser_figure(make(ready, OPTIONS)).to_dict()["layout"]
        assert layout["xaxis"]["title"]["text"]
        assert layout["yaxis"]["title"]["text"]
        assert layout["showlegend"] is True


def test_an_empty_figure_can_be_drawn(tmp_path: Path) -> None:
    """A comparison in which nothing counts still gives a file."""
    curve = Curve(name="a", kind=CurveKind.POINTS, xs=(), ys=())
    axis = Axis(label="x", log=True)
    figure = Figure(title="t", x=axis, y=axis, curves=(curve,), alternative="", diagonal=True)
    save(figure, tmp_path / "empty.png")
    assert (tmp_path / "empty.png").stat().st_size > 1000


def test_another_suffix_is_refused(ready: Prepared, tmp_path: Path) -> None:
    """The message says which there are."""
    with pytest.raises(UsageError, match=r"\.pdf, \.svg, \.png, \.html"):
        save(SETTING_FIGURES["cactus"](ready, OPTIONS), tmp_path / "figure.gif")
