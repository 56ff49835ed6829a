"""Charts of the MLflow UI, in the format of its views (MLflow 3.17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Chart = dict[str, Any]

_SECTION = "bench"
_MOST_RUNS = 20
_LARGE_HEIGHT = 420


@dataclass(frozen=True, slots=True)
class Section:
    """Charts below a heading; ``large`` ones have the full width."""

    title: str
    charts: Sequence[Chart]
    large: bool = False


def line(metric: str, over: str = "step") -> Chart:
    """Return a chart with one curve per run: the metric over its step or ``time-relative``."""
    return {
        "type": "LINE",
        "metricKey": metric,
        "selectedMetricKeys": [metric],
        "lineSmoothness": 0,
        "xAxisKey": over,
        "xAxisScaleType": "linear",
        "scaleType": "linear",
        "range": {},
        "yAxisKey": "metric",
        "yAxisExpressions": [],
        "ignoreOutliers": False,
        "useGlobalXaxisKey": False,
        "useGlobalLineSmoothing": False,
    }


def metric_line(metric: str, over: str) -> Chart:
    """Return a chart with one curve per run: a metric over another one with the same steps.

    The axis has the name of the other metric.
    """
    return line(metric, "metric") | {"selectedXAxisMetricKey": over}


def bar(metric: str) -> Chart:
    """Return a chart with one bar per run."""
    return {"type": "BAR", "metricKey": metric, "selectedMetricKeys": [metric]}


def scatter(x: str, y: str) -> Chart:
    """Return a chart with one point per run: one metric against another."""
    axes = {"xaxis": {"key": x, "type": "METRIC"}, "yaxis": {"key": y, "type": "METRIC"}}
    return {"type": "SCATTER"} | axes


def parallel(params: Sequence[str], metric: str) -> Chart:
    """Return parallel coordinates: one line per run from params to a metric, which colours it."""
    return {
        "type": "PARALLEL",
        "selectedParams": list(params),
        "selectedMetrics": [metric],
        "showAllRuns": True,
    }


def chart_state(sections: Sequence[Section]) -> dict[str, Any]:
    """Return the part of a page's state that puts charts into separate sections at the top.

    The UI itself adds a chart for each other metric below.
    """
    filled = [section for section in sections if section.charts]
    if not filled:
        return {}
    named = [(f"{_SECTION}-{number}", section) for number, section in enumerate(filled)]
    return {
        "compareRunCharts": [
            _placed(key, number, chart)
            for key, section in named
            for number, chart in enumerate(section.charts)
        ],
        "compareRunSections": [_heading(key, section) for key, section in named],
        "isAccordionReordered": True,
    }


def _placed(key: str, number: int, chart: Chart) -> Chart:
    common = {"deleted": False, "isGenerated": False, "runsCountToCompare": _MOST_RUNS}
    return {"uuid": f"{key}-{number}", "metricSectionId": key, **common, **chart}


def _heading(key: str, section: Section) -> dict[str, Any]:
    common = {"display": True, "isReordered": True, "deleted": False, "isGenerated": False}
    size = {"columns": 1, "cardHeight": _LARGE_HEIGHT} if section.large else {}
    return {"uuid": key, "name": section.title, **common, **size}
