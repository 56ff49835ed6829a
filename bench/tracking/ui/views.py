"""Ready-made views: the Views menu of MLflow's UI for an experiment.

MLflow stores a view as a tag of the experiment: a name, and the state of the page. The format is
not documented; it is that of MLflow 3.17, and a test in a browser checks it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bench.store.run_keys import CAMPAIGN, CAMPAIGN_NAME, CONCLUSION, INSTANCE_SET, KIND, LEFT_OUT
from bench.tracking.ui.charts import (
    Chart,
    Section,
    bar,
    chart_state,
    line,
    metric_line,
    parallel,
    scatter,
)
from bench.tracking.ui.overview import Overview

SHARED = "mlflow.sharedViewState."
"""The prefix of the experiment's tags; the view's key follows."""
FIRST = "bench-settings"
"""Key of the view that shows settings, best first."""
TRAINING = "workflowType=machine_learning"
"""Without this in an address, MLflow shows an experiment as one of language models."""

_SETTINGS = f"tags.\"{KIND}\" = 'setting'"
_SWEEPS = f"tags.\"{KIND}\" = 'sweep'"
_TASKS = "tags.\"bench.verdict\" LIKE '%'"
_WRONG = "tags.\"bench.verdict\" = 'wrong'"
_FAILED = "attributes.status = 'FAILED' AND tags.\"bench.verdict\" != 'wrong'"
_CACTUS = metric_line("cactus/tasks solved", "cactus/within seconds")
_PROFILE = metric_line("profile/share of tasks solved", "profile/log2 of time to best")
_RUN_NAME = "attributes.`Run Name`"
_WIDTHS = {
    _RUN_NAME: 300,
    "metrics.`ratio`": 110,
    "runDateAndNestInfo": 150,
    "metrics.`time_sgm1_s`": 130,
    "metrics.`time/solve_s`": 180,
    "params.`instance`": 160,
    "params.`setting`": 200,
    "attributes.`Dataset`": 200,
    "tags.`bench.verdict_reason`": 360,
    "tags.`bench.error`": 300,
    "tags.`bench.command`": 460,
    f"tags.`{CONCLUSION}`": 290,
    f"params.`{INSTANCE_SET}`": 420,
    "params.`machine`": 240,
}
_LEAST_WIDTH = 90
_TITLE_WIDTH = 460
"""That of the run names where titles of instance sets stand among them."""
_LAST = ("runDateAndNestInfo", "duration")
_WHICH = ("params.instance", "params.setting", "params.seed")
_ANSWER = ("metrics.result/primal_bound", "metrics.result/dual_bound", "metrics.result/gap")


def link(server: str, experiment_id: str | None) -> str:
    """Return the address at which a server shows the settings of an experiment, best first."""
    if experiment_id is None:
        return server
    return f"{server.rstrip('/')}/{address(experiment_id)}"


def address(experiment_id: str) -> str:
    """Return the address of the first view, relative to that of the server."""
    page = f"#/experiments/{experiment_id}/runs"
    return f"{page}?viewStateShareKey={FIRST}&{TRAINING}"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The runs, their order, columns (``params.x``, ``metrics.y``) and charts of a view.

    ``charts`` are in a section of their own, below further ``sections``. ``groups`` are titles of
    instance sets that group the runs: the first one is open.
    """

    key: str
    name: str
    filter: str
    order: str
    ascending: bool = False
    columns: Sequence[str]
    charts: Sequence[Chart] = ()
    sections: Sequence[Section] = ()
    groups: Sequence[str] = ()

    def state(self) -> str:
        """Return the state of the page, compressed like the UI does; always the same bytes."""
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
            "columnWidths": {
                **{name: _width(name) for name in (_RUN_NAME, *columns, *_LAST)},
                **({_RUN_NAME: _TITLE_WIDTH} if self.groups else {}),
            },
            "runsHiddenMode": "FIRST_20_RUNS",
            "groupBy": _GROUPED if self.groups else None,
            "groupsExpanded": {_group(title): False for title in self.groups[1:]},
            "viewMaximized": False,
            "runListHidden": False,
            "useGroupedValuesInCharts": False,
            "hideEmptyCharts": True,
            "globalLineChartConfig": {"xAxisKey": "step", "lineSmoothness": 0},
            **chart_state([*self.sections, Section("Comparison", self.charts)]),
        }


_GROUPED = {
    "aggregateFunction": "min",
    "groupByKeys": [{"mode": "tag", "groupByData": INSTANCE_SET}],
}


def _group(title: str) -> str:
    """Return the UI's name of a group of runs."""
    return f"tag.{INSTANCE_SET}.{title}"


def views(overview: Overview, *, hiding: bool = True) -> tuple[View, ...]:
    """Return the views of an experiment, the most useful first.

    ``hiding``: filters may hide excluded runs.
    """
    common = (
        _settings(overview),
        _tasks(overview),
        _wrong(),
        _failed(),
        _sweeps(),
    )
    found = tuple(
        replace(view, filter=hide_left_out(view.filter, hiding=hiding)) for view in common
    )
    return (*found, *(set_view(title, overview, hiding=hiding) for title in overview.sets))


def hide_left_out(wanted: str, *, hiding: bool) -> str:
    """Return the filter extended to hide runs that a sweep's present plan does not contain."""
    if not hiding:
        return wanted
    return " AND ".join(filter(None, (wanted, f'tags."{LEFT_OUT}" IS NULL')))


def set_view(title: str, overview: Overview | None = None, *, hiding: bool) -> View:
    """Return the view of the settings on one instance set, with large curves."""
    key = hashlib.sha256(title.encode()).hexdigest()[:8]
    quote = "'" if "'" not in title else '"'
    wanted = f'{_SETTINGS} AND tags."{INSTANCE_SET}" = {quote}{title}{quote}'
    choices = (overview or Overview()).choices
    return replace(
        _settings(overview or Overview()),
        key=f"bench-set-{key}",
        name=title,
        filter=hide_left_out(wanted, hiding=hiding),
        sections=(
            Section("Cactus: tasks solved (y) within x seconds", [_CACTUS], large=True),
            Section("Profile: share (y) within 2^x of the best time", [_PROFILE], large=True),
        ),
        charts=(parallel([*choices.axes, "setting"], "time_sgm1_s"), *_BARS),
        groups=(),
    )


_BARS = (bar("time_sgm1_s"), bar("solved"), bar("nodes_sgm100"))


def _settings(overview: Overview) -> View:
    names = overview.choices.names
    counts = ("solved", "n_tasks")
    trouble = ("wrong", "failed", "timeouts", "disturbed")
    standing = ("ratio_low", "ratio_high", "p_adjusted", "rank")
    rest = ("nodes_sgm100", "par10_s", "memory_peak_mib")
    return View(
        key=FIRST,
        name="Settings, best first",
        filter=_SETTINGS,
        order="metrics.rank",
        ascending=True,
        columns=(
            f"tags.{CONCLUSION}",
            "metrics.ratio",
            "metrics.time_sgm1_s",
            *(f"metrics.{name}" for name in (*counts, *trouble)),
            "params.solver",
            *(f"params.{name}" for name in names),
            *(f"metrics.{name}" for name in (*standing, *rest)),
            "params.solver_version",
            f"tags.{CAMPAIGN_NAME}",
        ),
        charts=(
            _PROFILE,
            _CACTUS,
            parallel([*overview.choices.axes, "setting"], "time_sgm1_s"),
            *_BARS,
        ),
        groups=overview.sets,
    )


def _tasks(overview: Overview) -> View:
    """Return the slowest tasks of the newest sweep; all of an experiment would take minutes."""
    wanted = [_TASKS]
    if overview.sweep_id:
        wanted.append(f"tags.\"{CAMPAIGN}\" = '{overview.sweep_id}'")
    if overview.slow_s is not None:
        wanted.append(f'metrics."time/solve_s" >= {overview.slow_s:g}')
    return View(
        key="bench-tasks",
        name="Tasks, slowest first",
        filter=" AND ".join(wanted),
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
            scatter("memory/peak_mib", "time/solve_s"),
            line("bounds/gap", over="time-relative"),
        ),
    )


def _wrong() -> View:
    return View(
        key="bench-wrong",
        name="Wrong answers",
        filter=_WRONG,
        order="params.instance",
        ascending=True,
        columns=(*_WHICH, "tags.bench.verdict_reason", *_ANSWER),
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
            "tags.bench.verdict_reason",
            "tags.bench.termination",
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
            "tags.bench.command",
            f"params.{INSTANCE_SET}",
            "params.machine",
        ),
    )


def _width(column: str) -> int:
    """Return the width of a column in pixels, so that its whole heading can be read."""
    heading = column.split("`")[1] if "`" in column else column
    return _WIDTHS.get(column, max(_LEAST_WIDTH, 40 + 7 * len(heading)))


def _quoted(column: str) -> str:
    """Return the name of a column or an order in the format of the UI."""
    kind, name = column.split(".", 1)
    return column if name == "start_time" else f"{kind}.`{name}`"
