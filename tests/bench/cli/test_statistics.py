"""``bench statistics``, executed as a user would."""

from __future__ import annotations

import csv
import io
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.usefixtures("without_mlflow")

Bench = Callable[..., Any]
TIMES = (0.01, 3.5, 8.0, 20.25, 60.0, 0.4, 7.0)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Return a table of one setting with a timeout and a crash, and of one on another instance."""
    rows = ["instance,setting,verdict,termination,solve_time_s,n_nodes,time_limit_s"]
    for at, time_s in enumerate(TIMES):
        verdict = "limit,time" if time_s == 60 else "solved,normal"
        rows.append(f"i{at},default,{verdict},{time_s},{at},60")
    rows += ["i9,default,crashed,signal,1.5,3,60", "other,fast,solved,normal,0.25,1,60"]
    path = tmp_path / "results.csv"
    path.write_text("\n".join(rows))
    return path


def described(bench: Bench, *arguments: object) -> dict[str, Any]:
    """Return the numbers of the setting ``default``."""
    found = bench("statistics", *arguments, "--setting", "default", "--format", "json").json
    (row,) = found["settings"]
    assert isinstance(row, dict)
    return row


def test_all_statistics_of_one_setting(bench: Bench, results: Path) -> None:
    """As Python's own module and numpy have them; a failure is counted, and in no number."""
    row = described(bench, results)
    expected = {
        "results": 8,
        "solved": 6,
        "limits": 1,
        "wrong_or_failed": 1,
        "count": 7,
        "sum": sum(TIMES),
        "mean": statistics.fmean(TIMES),
        "median": statistics.median(TIMES),
        "deviation_population": statistics.pstdev(TIMES),
        "deviation_sample": statistics.stdev(TIMES),
        "minimum": 0.01,
        "maximum": 60.0,
        **{f"quantile_{q:g}": float(np.quantile(TIMES, q)) for q in (0.1, 0.25, 0.75, 0.9)},
    }
    assert row == pytest.approx({"setting": "default"} | expected)


def test_what_counts_can_be_chosen(bench: Bench, results: Path) -> None:
    """A clip, which is never the default, another measure, and what a failure costs."""
    assert described(bench, results, "--clip", "0.5")["minimum"] == 0.5
    assert described(bench, results, "--measure", "nodes")["sum"] == sum(range(7))
    assert described(bench, results, "--failures", "par10")["maximum"] == 600.0
    row = described(bench, results, "--quantile", "0.5", "--quantile", "0")
    assert (row["quantile_0.5"], row["quantile_0"]) == (row["median"], row["minimum"])
    assert "quantile_0.9" not in row


def test_settings_need_nothing_in_common(bench: Bench, results: Path) -> None:
    """Each is described by its own results; one result has no deviation of a sample."""
    text = bench("statistics", results).out
    lines = {line[:36].strip(): line[36:].split() for line in text.splitlines()}
    assert lines["count"][-2:] == ["7", "1"]
    assert "standard deviation (population, n)" in text
    assert text.splitlines()[-1].startswith("0.9 quantile")
    (sample,) = (line for line in text.splitlines() if "(sample, n-1)" in line)
    assert sample.endswith("-")
    rows = list(csv.DictReader(io.StringIO(bench("statistics", results, "--format", "csv").out)))
    assert [row["setting"] for row in rows] == ["default", "fast"]
    assert (rows[1]["mean"], rows[1]["deviation_sample"]) == ("0.25", "")


def test_many_settings_fit(bench: Bench, tmp_path: Path) -> None:
    """In tables below each other, of at most 100 characters."""
    rows = ["instance,setting,verdict,solve_time_s"]
    rows += [f"i,cut-selection-number-{at},solved,{at}" for at in range(9)]
    (tmp_path / "many.csv").write_text("\n".join(rows))
    lines = bench("statistics", "many.csv").out.splitlines()
    assert max(map(len, lines)) <= 100
    assert sum(line.startswith("mean") for line in lines) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--setting", "none"], "there is no setting 'none'; there are: default, fast"),
        (["--quantile", "2"], "2.0 is not in the range 0<=x<=1"),
        (["--failures", "ignore"], "'ignore' is not one of"),
    ],
)
def test_what_cannot_be_described_is_said(
    bench: Bench, results: Path, arguments: list[str], message: str
) -> None:
    """As a usage error."""
    assert message in bench("statistics", results, *arguments, code=2).err


def test_nothing_that_counts_is_shown_as_such(bench: Bench, results: Path) -> None:
    """Without any known value there is a count of 0 and no mean."""
    row = described(bench, results, "--measure", "lp_iterations")
    assert (row["count"], row["mean"], row["quantile_0.9"]) == (0, None, None)


def test_a_comparison_of_one_setting_leads_here(bench: Bench, tmp_path: Path) -> None:
    """It says which command describes it."""
    text = "instance,setting,verdict,solve_time_s\ni,default,solved,1\n"
    (tmp_path / "one.csv").write_text(text)
    assert "bench statistics describes a single one" in bench("compare", "one.csv", code=2).err
