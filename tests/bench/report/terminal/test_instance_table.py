"""Settings side by side on each instance, in a terminal and in files."""

from __future__ import annotations

import io
import json
from typing import Any

import pandas as pd
import pytest

from bench.comparison.compare import prepare
from bench.comparison.options import Options
from bench.comparison.side_by_side import SideBySide, shown_column, side_by_side
from bench.report.instance_table import filtered, instance_file
from bench.report.terminal.instance_table import instance_table_text
from bench.report.terminal.screen import Screen, uncoloured, width_of, written_for

OPTIONS = Options(n_resamples=100, baseline="base", subsets=("all",))


def beside(rows: list[dict[str, Any]], column: str = "solve") -> SideBySide:
    """Return the table of these results."""
    frame = pd.DataFrame(rows)
    return side_by_side(frame, prepare(frame, OPTIONS), OPTIONS, shown_column(frame, column))


def result(setting: str, instance: str, time: float, **columns: Any) -> dict[str, Any]:
    """Return the row of a solved result."""
    own = {"setting": setting, "instance": instance, "solve_time_s": time, "verdict": "solved"}
    return own | {"status": "optimal"} | columns


ROWS = [
    result(setting, instance, time)
    for instance, base in (("slow", 4.0), ("fast", 8.0), ("a|b_c&d~", 2.0))
    for setting, time in (("base", base), ("new", 8.0 if instance == "slow" else base / 2))
]


@pytest.mark.parametrize("width", [40, 60, 100, 200])
@pytest.mark.parametrize("n", [1, 2, 7])
def test_a_table_fits_the_screen(width: int, n: int) -> None:
    """Tables below each other, each with the baseline; wide letters count twice."""
    names = ["base", *(f"設定 {k}" for k in range(n))]
    rows = [result(name, f"instance {at}", 1.0 + at) for name in names for at in range(3)]
    content = beside(rows)
    with written_for(Screen(width=width)):
        lines = instance_table_text(content, content.rows, OPTIONS).splitlines()
    assert max(map(width_of, lines)) <= width
    heads = [line for line in lines if line.startswith("instance  ")]
    assert all(" base " in head for head in heads)
    assert sum(head.count("設定") for head in heads) == n


def test_ratios_and_failures_are_coloured() -> None:
    """Green, red, bold red; text is the same without colours."""
    content = beside([*ROWS, result("base", "z", 1.0), result("new", "z", 1.0, verdict="wrong")])
    plain = instance_table_text(content, content.rows, OPTIONS)
    with written_for(Screen(has_colours=True)):
        coloured = instance_table_text(content, content.rows, OPTIONS)
    assert uncoloured(coloured) == plain
    lines = {line.split()[0]: line for line in coloured.splitlines() if line}
    assert "\x1b[31m" in lines["slow"]
    assert "\x1b[32m" in lines["fast"]
    assert "\x1b[1;31m" in lines["z"]


def test_words_have_no_ratio() -> None:
    """They come by name, and differ where they are others."""
    content = beside(
        [*ROWS, result("base", "z", 1.0), result("new", "z", 1.0, status="gap")], "status"
    )
    text = instance_table_text(content, filtered(content, "differ"), OPTIONS, "differ")
    assert "ratio" not in text
    assert text.splitlines()[-1].split() == ["z", "optimal", "gap"]


@pytest.mark.parametrize("kind", ["csv", "json", "parquet", "markdown", "latex"])
def test_files_have_the_warnings_of_their_numbers(kind: str) -> None:
    """One seed is one; and names cannot break a table."""
    content = beside(ROWS)
    file = instance_file(content, content.rows, OPTIONS, kind)
    if kind == "parquet":
        frame = pd.read_parquet(io.BytesIO(file))
        assert "one seed" in frame["warnings"][0]
        assert list(frame["instance"]) == ["slow", "a|b_c&d~", "fast"]
        return
    text = file.decode()
    assert "one seed" in text
    expected = {"csv": "a|b_c&d~,", "markdown": "| a\\|b_c&d~ |", "latex": r"a|b\_c\&d"}
    if kind == "json":
        tree = json.loads(text)
        assert [row["instance"] for row in tree["rows"]] == ["slow", "a|b_c&d~", "fast"]
        assert tree["rows"][0]["differs"] is True
    else:
        assert expected[kind] in text
