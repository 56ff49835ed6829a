"""``bench report``, executed as a user would."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

Bench = Callable[..., Any]
N = 12


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Return a table in which ``cuts`` takes 0.8 times as long as ``default``."""
    rows = [
        {
            "instance": f"gap-{i}",
            "setting": setting,
            "seed": seed,
            "verdict": "solved",
            "solve_time_s": factor * (2.0 + i + seed) * (1 + 0.01 * ((7 * i) % 5)),
            "time_limit_s": 100.0,
        }
        for setting, factor in (("default", 1.0), ("cuts", 0.8))
        for i in range(N)
        for seed in (0, 1)
    ]
    path = tmp_path / "results.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def embedded(page: str) -> Any:
    """Return the comparison that stands in a page."""
    found = re.search(
        r'<script type="application/json" id="comparison">(.*?)</script>', page, re.DOTALL
    )
    assert found
    return json.loads(found[1])


def test_its_numbers_are_those_of_bench_compare(
    bench: Bench, results: Path, tmp_path: Path
) -> None:
    """Every one of them; the file is named on stdout, and the same again under another name."""
    counting = ("--shift", "10", "--failures", "par10")
    compared = bench("compare", results, *counting, "--format", "json").json
    assert bench("report", results, *counting, "-o", "r.html").out.strip() == "r.html"
    bench("report", results, *counting, "-o", "again.html")
    page = (tmp_path / "r.html").read_text()
    assert embedded(page) == compared
    assert (tmp_path / "again.html").read_text() == page
    assert "faster than default (95 % interval" in page
    assert f"bench report {results} --shift 10.0 --failures par10</code>" in page


def test_a_report_of_nothing_is_one_clear_line(bench: Bench, tmp_path: Path) -> None:
    """Exit code 2, and no file."""
    done = bench("report", code=2)
    assert len(done.err.splitlines()) == 1
    assert "there is no sweep in this folder yet" in done.err
    assert not (tmp_path / "report.html").exists()


def test_a_place_that_cannot_be_written_is_said(bench: Bench, results: Path) -> None:
    """Exit code 1."""
    assert "cannot be written" in bench("report", results, "-o", "no/such/r.html", code=1).err
