"""Charts of the MLflow UI, in the form in which a view keeps them (that of MLflow 3.17)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Chart = dict[str, Any]

_SECTION = "bench"
_MOST_RUNS = 20


def line(metric: str, over: str = "step") -> Chart:
    """Return a chart with one curve a run: the metric over its step or ``time-relative``."""
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


def bar(metric: str) -> Chart:
    """Return a chart with one bar a run."""
    return {"type": "BAR", "metricKey": metric, "selectedMetricKeys": [metric]}


def scatter(x: str, y: str) -> Chart:
    """Return a chart with one point a run: one metric against another."""
    axes = {"xaxis": {"key": x, "type": "METRIC"}, "yaxis": {"key": y, "type": "METRIC"}}
    return {"type": "SCATTER"} | axes


def parallel(params: Sequence[str], metric: str) -> Chart:
    """Return parallel coordinates: one line a run from params to a metric, which colours it."""
    return {
        "type": "PARALLEL",
        "selectedParams": list(params),
        "selectedMetrics": [metric],
        "showAllRuns": True,
    }


def chart_state(title: str, charts: Sequence[Chart]) -> dict[str, Any]:
    """Return the part of a page's state that puts charts into a section of their own, on top.

    The UI itself adds a chart for each other metric below.
    """
    if not charts:
        return {}
    common = {
        "metricSectionId": _SECTION,
        "deleted": False,
        "isGenerated": False,
        "runsCountToCompare": _MOST_RUNS,
    }
    section = {
        "uuid": _SECTION,
        "name": title,
        "display": True,
        "isReordered": True,
        "deleted": False,
        "isGenerated": False,
    }
    return {
        "compareRunCharts": [
            {"uuid": f"{_SECTION}-{number}", **common, **chart}
            for number, chart in enumerate(charts)
        ],
        "compareRunSections": [section],
        "isAccordionReordered": True,
    }
