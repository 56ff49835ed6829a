"""What text is written for: paper, or a terminal with its width and colours."""

from __future__ import annotations

import io
import os

import pandas as pd
import pytest

from bench.comparison.compare import compare
from bench.comparison.comparison import Comparison
from bench.comparison.options import Options
from bench.report.terminal.comparison import comparison_text
from bench.report.terminal.screen import (
    PAPER,
    Screen,
    coloured,
    screen_of,
    uncoloured,
    width_of,
    written_for,
)
from bench.report.terminal.table import filled, render, render_fitting, shortened


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """Return a comparison of two settings, one of them with a name of wide characters."""
    table = pd.DataFrame(
        {
            "instance": f"i{i}",
            "setting": name,
            "seed": seed,
            "verdict": "solved",
            "solve_time_s": factor * (2.0 + i) * (1 + 0.01 * ((7 * i) % 5)),
            "time_limit_s": 100.0,
        }
        for name, factor in (("default", 1.0), ("设置设置设置设置设置", 0.8))
        for i in range(12)
        for seed in (0, 1)
    )
    return compare(table, Options(baseline="default", n_resamples=100, subsets=("all",)))


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Return an environment of a terminal with colours."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "72")
    return monkeypatch


@pytest.mark.usefixtures("environment")
def test_a_terminal_has_a_width_and_colours() -> None:
    """A file, a pipe and a notebook are paper."""
    assert screen_of(Terminal()) == Screen(72, has_colours=True)
    assert screen_of(io.StringIO()) == PAPER


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_turned_off(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    """By the variables that every program knows."""
    environment.setenv(name, value)
    assert not screen_of(Terminal()).has_colours


def test_colours_can_be_forced_into_a_file(environment: pytest.MonkeyPatch) -> None:
    """As logs of CI show them; the width is that of paper."""
    environment.setenv("FORCE_COLOR", "1")
    assert screen_of(io.StringIO()) == Screen(100, has_colours=True)
    environment.setenv("NO_COLOR", "1")
    assert not screen_of(io.StringIO()).has_colours


def test_paper_has_no_colour() -> None:
    """The same text everywhere; where there is colour, taking it away gives that text."""
    assert coloured("x", "red") == "x"
    with written_for(Screen(100, has_colours=True)):
        assert coloured("x", "red") != "x"
        assert uncoloured(coloured("x", "red")) == "x"
        assert coloured("x", "") == "x"


def test_a_wide_character_takes_two_places() -> None:
    """Columns stay aligned, and a name is cut where it has to be."""
    assert width_of("设a") == 3
    lines = render(("name", "n"), [("设置", "1"), ("abcd", "22")]).splitlines()
    assert {width_of(line) for line in lines} == {8}
    assert width_of(shortened("设" * 20, 9)) <= 9
    assert shortened("abcdefghij", 5) == "ab…ij"


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_a_comparison_fits_every_terminal(comparison: Comparison, width: int) -> None:
    """Setting, mean, ratio and conclusion are always there."""
    with written_for(Screen(width, has_colours=True)):
        lines = uncoloured(comparison_text(comparison)).splitlines()
    assert max(map(width_of, lines)) <= width
    header = next(line for line in lines if line.startswith("setting "))
    assert {"mean", "ratio", "conclusion"} <= set(header.split())
    assert any(line.rstrip().endswith("better") for line in lines)


def test_what_there_is_no_room_for_is_named() -> None:
    """But not on paper, where nobody can make it wider."""
    header, rows = ("name", "first", "second"), [("a" * 90, "1" * 20, "2" * 20)]
    assert "too narrow" not in render_fitting(header, rows, dispensable=("first",), least_name=90)
    with written_for(Screen(60)):
        text = render_fitting(header, rows, dispensable=("first",), least_name=30)
    assert text.splitlines()[-1] == "The terminal is too narrow for this column: first."
    assert max(map(len, text.splitlines())) <= 60


def test_words_are_wrapped_by_their_width() -> None:
    """At most 100 places, however wide the terminal is."""
    text = "设置 " * 60
    assert {width_of(line) <= 100 for line in filled(text).splitlines()} == {True}
    with written_for(Screen(300)):
        assert max(map(len, filled("word " * 60).splitlines())) <= 100
    assert filled(text).split() == text.split()
    assert os.linesep not in filled("设置")
