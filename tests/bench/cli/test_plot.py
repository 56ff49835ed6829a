"""``bench plot``, executed as a user would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

pytestmark = pytest.mark.usefixtures("without_mlflow")

Bench = Callable[..., Any]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Return a table of two settings on three instances."""
    rows = [
        {
            "instance": f"gap_{i}",
            "setting": setting,
            "verdict": "solved",
            "solve_time_s": factor * (2.0 + i),
            "time_limit_s": 100.0,
        }
        for setting, factor in (("default", 1.0), ("100% cuts", 0.8))
        for i in range(3)
    ]
    path = tmp_path / "results.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


@pytest.mark.slow
def test_all_figures_and_tables_of_a_report_are_one_command(
    bench: Bench, results: Path, tmp_path: Path
) -> None:
    """Each file is named; the same command again writes the same files."""
    command = ("plot", "all", results, "-o", "figures", "--width", "column")
    named = bench(*command).out.split()
    names = ("profile.pdf", "cactus.pdf", "scatter.pdf", "ratios.pdf")
    assert named == [f"figures/{name}" for name in (*names, "comparison.tex", "instances.tex")]
    before = {name: (tmp_path / name).read_bytes() for name in named}
    assert bench(*command).out.split() == named
    assert {name: (tmp_path / name).read_bytes() for name in named} == before
    tables = [(tmp_path / "figures" / f"{name}.tex").read_text() for name in TABLES]
    assert all(r"100\% cuts" in text and r"\toprule" in text for text in tables)
    assert r"gap\_2 & 4 & 3.2 & 0.800" in tables[1]


TABLES = ("comparison", "instances")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ratios", "-o", "r.pdf", "--width", "wide"], "--width wide: expected column, text, or"),
        (["ratios", "-o", "r.pdf", "--width", "3"], "such as 85mm, 8.5cm, 3.3in or 240pt"),
        (["ratios", "-o", "r.pdf", "--width", "nanmm"], "expected column"),
        (["ratios", "-o", "r.pdf", "--width", "-85mm"], "expected column"),
        (
            ["all", "-o", "r.pdf"],
            "r.pdf: the kind all writes several files; give a folder instead of a file",
        ),
        (["all", "-o", "results.csv"], "results.csv: the kind all writes several files"),
        (["profile", "-o", "r.eps"], "expected a name that ends in .pdf, .svg, .png, .html"),
        (["bounds", "-o", "r.pdf"], "only the journals of sweeps and runs have them"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(
    bench: Bench, results: Path, arguments: list[str], message: str
) -> None:
    """Exit code 2, and what is possible."""
    assert message in bench("plot", *arguments, results, code=2).err.splitlines()[-1]


@pytest.mark.parametrize("width", ["text", "85mm", "8.5cm", "3.3in", "240pt"])
def test_a_figure_has_the_width_of_the_paper(
    bench: Bench, results: Path, tmp_path: Path, width: str
) -> None:
    """In any unit."""
    bench("plot", "cactus", results, "-o", "c.svg", "--width", width, "--no-title")
    expected = {"text": 174, "8.5cm": 85, "3.3in": 83.82, "240pt": 84.35}.get(width, 85)
    assert f'width="{expected:.2f}mm"' in (tmp_path / "c.svg").read_text()


@pytest.mark.parametrize("variable", ["1", "yes", "0"])
def test_the_title_can_be_omitted_by_a_variable(
    bench: Bench, results: Path, tmp_path: Path, variable: str
) -> None:
    """As by the option."""
    bench("plot", "cactus", results, "-o", "c.svg", env={"BENCH_NO_TITLE": variable})
    bench("plot", "cactus", results, "-o", "titled.svg")
    has_title = (tmp_path / "c.svg").read_bytes() == (tmp_path / "titled.svg").read_bytes()
    assert has_title == (variable == "0")


def test_bounds_are_of_the_last_sweep_that_has_the_instance(
    bench: Bench, tmp_path: Path, knapsack: Path
) -> None:
    """Though a sweep of other instances came later, and neither has several settings."""
    other = tmp_path / "other.mps"
    other.write_text(knapsack.read_text())
    for path in (knapsack, other):
        bench("run", path, "--no-mlflow")
    bench("plot", "bounds", "--instance", knapsack.stem, "-o", "b.svg")
    assert f"Bounds of {knapsack.stem}" in (tmp_path / "b.svg").read_text()
