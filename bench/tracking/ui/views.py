"""Ready-made views: what the Views menu of MLflow's UI offers for an experiment.

MLflow keeps a view as a tag of the experiment: a name, and the state of the page. That form is
not documented; it is the one of MLflow 3.17, and a test in a browser holds it.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.tracking.ui.charts import Chart, bar, chart_state, line, parallel, scatter

SHARED = "mlflow.sharedViewState."
"""What the names of the experiment's tags begin with; the view's key follows."""
FIRST = "bench-settings"
"""Key of the view that shows settings, best first."""

_SETTINGS = "tags.\"bench.kind\" = 'setting'"
_SWEEPS = "tags.\"bench.kind\" = 'sweep'"
_TASKS = "tags.\"bench.verdict\" LIKE '%'"
_WRONG = "tags.\"bench.verdict\" = 'wrong'"
_FAILED = "attributes.status = 'FAILED' AND tags.\"bench.verdict\" != 'wrong'"
_RUN_NAME = "attributes.`Run Name`"
_WIDTHS = {
    _RUN_NAME: 230,
    "runDateAndNestInfo": 150,
    "metrics.`time_sgm1_s`": 180,
    "metrics.`time/solve_s`": 180,
    "params.`instance`": 160,
    "params.`setting`": 200,
    "attributes.`Dataset`": 200,
    "tags.`bench.verdict_reason`": 360,
    "tags.`bench.error`": 300,
    "tags.`bench.command`": 460,
}
_LEAST_WIDTH = 90
_LAST = ("runDateAndNestInfo", "duration")
_WHICH = ("params.instance", "params.setting", "params.seed")
_ANSWER = ("metrics.result/primal_bound", "metrics.result/dual_bound", "metrics.result/gap")


def link(server: str, experiment_id: str | None) -> str:
    """Return the address at which a server shows the settings of an experiment, best first."""
    if experiment_id is None:
        return server
    page = f"#/experiments/{experiment_id}/runs"
    return f"{server.rstrip('/')}/{page}?viewStateShareKey={FIRST}&workflowType=machine_learning"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Which runs in which order, with which columns (``params.x``, ``metrics.y``) and charts."""

    key: str
    name: str
    filter: str
    order: str
    ascending: bool = False
    columns: Sequence[str]
    charts: Sequence[Chart] = ()

    def state(self) -> str:
        """Return the state of the page, compressed as the UI does it; always the same."""
        text = json.dumps(self._state(), separators=(",", ":"), sort_keys=True)
        return f"deflate;{base64.b64encode(zlib.compress(text.encode(), 9)).decode()}"

    def _state(self) -> dict[str, Any]:
        columns = [_quoted(column) for column in self.columns]
        return {
            "searchFilter": self.filter,
            "orderByKey": _quoted(self.order),
            "orderByAsc": self.ascending,
            "startTime": "ALL",
            "lifecycleFilter": "Active",
            "datasetsFilter": [],
            "modelVersionFilter": "All Runs",
            "selectedColumns": columns,
            "columnOrder": [_RUN_NAME, *columns, *_LAST],
            "columnWidths": {name: _width(name) for name in (_RUN_NAME, *columns, *_LAST)},
            "runsHiddenMode": "FIRST_20_RUNS",
            "groupBy": None,
            "viewMaximized": False,
            "runListHidden": False,
            "useGroupedValuesInCharts": True,
            "hideEmptyCharts": True,
            "globalLineChartConfig": {"xAxisKey": "step", "lineSmoothness": 0},
            **chart_state("Comparison", self.charts),
        }


def views(choices: Sequence[str], axes: Sequence[str] = ()) -> tuple[View, ...]:
    """Return the views of an experiment, the most useful first.

    ``choices`` names the params in which its settings differ, ``axes`` those of them that every
    setting has: parallel coordinates leave a run out that lacks one.
    """
    return (_settings(choices, axes), _tasks(), _wrong(), _failed(), _sweeps())


def _settings(choices: Sequence[str], axes: Sequence[str]) -> View:
    counts = ("solved", "n_tasks")
    trouble = ("wrong", "failed", "timeouts")
    means = ("nodes_sgm100", "par10_s", "memory_peak_mib")
    return View(
        key=FIRST,
        name="Settings, best first",
        filter=_SETTINGS,
        order="metrics.time_sgm1_s",
        ascending=True,
        columns=(
            "metrics.time_sgm1_s",
            *(f"metrics.{name}" for name in counts),
            "params.solver",
            *(f"params.{name}" for name in choices),
            *(f"metrics.{name}" for name in trouble),
            "tags.bench.solver_version",
            *(f"metrics.{name}" for name in means),
            "attributes.Dataset",
        ),
        charts=(
            line("profile/share_within_ratio"),
            line("cactus/time_s"),
            parallel([*axes, "setting"], "time_sgm1_s"),
            bar("time_sgm1_s"),
            bar("solved"),
            bar("nodes_sgm100"),
        ),
    )


def _tasks() -> View:
    return View(
        key="bench-tasks",
        name="Tasks, slowest first",
        filter=_TASKS,
        order="metrics.time/solve_s",
        columns=(
            *_WHICH,
            "tags.bench.verdict",
            "metrics.time/solve_s",
            "metrics.search/n_nodes",
            *_ANSWER,
            "metrics.memory/peak_mib",
            "params.n_vars",
            "params.n_conss",
            "tags.bench.noise",
        ),
        charts=(
            scatter("search/n_nodes", "time/solve_s"),
            scatter("problem/n_nonzeros", "time/solve_s"),
            line("trace/gap", over="time-relative"),
        ),
    )


def _wrong() -> View:
    return View(
        key="bench-wrong",
        name="Wrong answers",
        filter=_WRONG,
        order="params.instance",
        ascending=True,
        columns=(*_WHICH, "tags.bench.verdict_reason", "tags.bench.reference", *_ANSWER),
    )


def _failed() -> View:
    return View(
        key="bench-failed",
        name="Failed tasks",
        filter=_FAILED,
        order="params.instance",
        ascending=True,
        columns=(
            *_WHICH,
            "tags.bench.verdict",
            "tags.bench.error",
            "tags.bench.termination",
            "tags.bench.evidence",
            "metrics.time/wall_s",
            "metrics.memory/peak_mib",
        ),
    )


def _sweeps() -> View:
    return View(
        key="bench-sweeps",
        name="Sweeps, newest first",
        filter=_SWEEPS,
        order="attributes.start_time",
        columns=(
            *(f"params.{name}" for name in ("n_settings", "n_instances", "seeds")),
            *(f"metrics.{name}" for name in ("n_tasks", "solved", "wrong", "failed")),
            "tags.bench.host",
            "tags.bench.command",
        ),
    )


def _width(column: str) -> int:
    """Return the width of a column in pixels: its heading can be read whole."""
    heading = column.split("`")[1] if "`" in column else column
    return _WIDTHS.get(column, max(_LEAST_WIDTH, 40 + 7 * len(heading)))


def _quoted(column: str) -> str:
    """Return a column's or an order's name as the UI writes it."""
    kind, name = column.split(".", 1)
    return column if name == "start_time" else f"{kind}.`{name}`"
