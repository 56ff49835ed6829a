"""What the sweep's run in MLflow is given to read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.comparison.compare import compare
from bench.comparison.sources import RecordedResults
from bench.comparison.summary.summaries import SummaryMetrics, compare_with
from bench.comparison.wording.narrative import headline
from bench.report.sweep_report import ReportBuilder

Make = Callable[..., RecordedResults]


def test_a_sweep_has_report_and_comparison_as_files(make: Make, tmp_path: Path) -> None:
    """The headline stands first in its description, then the table of settings."""
    recorded = make(["default", "cuts"])
    run_metrics = ReportBuilder(tmp_path).sweep(recorded.results)
    assert [path.name for path in run_metrics.files] == [
        "report.html",
        "comparison.md",
        "comparison.json",
        "figures.html",
    ]
    assert all(path.parent == tmp_path and path.stat().st_size for path in run_metrics.files)
    said = headline(compare(recorded.table))
    assert run_metrics.description.startswith(f"**{said}**\n\n")
    assert json.loads((tmp_path / "comparison.json").read_text())["baseline"] == "default"


@pytest.mark.slow
def test_the_figures_are_one_page_that_zooms_without_a_network(make: Make, tmp_path: Path) -> None:
    """Plotly is in it once; each figure has a text alternative."""
    ReportBuilder(tmp_path).sweep(make(["default", "cuts"]).results)
    page = (tmp_path / "figures.html").read_text()
    assert page.count('<p role="note">') == page.count('id="figure-') == 4
    assert page.count("<script src=") == page.count("<link") == 0


def test_a_single_setting_has_a_report_alone(make: Make, tmp_path: Path) -> None:
    """There is nothing to compare."""
    results = make(["only"]).results
    run_metrics = ReportBuilder(tmp_path).sweep(results)
    assert [path.name for path in run_metrics.files] == ["report.html"]
    assert (
        run_metrics.description
        == SummaryMetrics(compare_with(None)).sweep(make(["only"]).results).description
    )


def test_a_report_that_fails_costs_nothing_else(make: Make, tmp_path: Path) -> None:
    """The description says why; the numbers are there."""
    run_metrics = ReportBuilder(tmp_path / "gone").sweep(make(["default", "cuts"]).results)
    assert run_metrics.files == ()
    assert run_metrics.description.startswith("There is no report:")
    assert run_metrics.metrics["n_tasks"] == 12
