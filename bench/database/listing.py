"""A listing of runs from MLflow's database, with one query for any number of runs."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    TableClause,
    and_,
    case,
    column,
    func,
    null,
    select,
    table,
)

from bench.database.database import Rows, has_table
from bench.errors import TrackingError, UsageError
from bench.store.experiment import (
    ExperimentError,
    ExperimentRequest,
    contradiction_message,
    deleted_message,
)
from bench.store.run_keys import KIND

_RUNS = table(
    "runs",
    *map(column, ("run_uuid", "name", "status", "start_time", "experiment_id", "lifecycle_stage")),
)
_EXPERIMENTS = table("experiments", *map(column, ("experiment_id", "name", "lifecycle_stage")))
_TAGS = table("tags", column("run_uuid"), column("key"), column("value"))
_METRICS = table(
    "latest_metrics", column("run_uuid"), column("key"), column("value"), column("is_nan")
)
_PARAMS = table("params", column("run_uuid"), column("key"), column("value"))
_TAG_COLUMNS = {"kind": KIND, "setting": "bench.setting", "verdict": "bench.verdict"}
"""If a run lacks the tag, its param with the name of the column is shown."""
_METRIC_COLUMNS = {
    "solved": ("solved", "result/solved"),
    "time_s": ("time_sgm1_s", "time/solve_s"),
    "nodes": ("nodes_sgm100", "search/n_nodes"),
}
"""A column shows the first of these metrics that the run has: the mean of a setting, the value of a
task.
"""
_BLOCK = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Selects runs (newest first) and additional metrics; None means all."""

    experiment: ExperimentRequest | None = None
    kind: str | None = None
    deleted: bool = False
    limit: int | None = None
    metrics: Sequence[str] = ()


def listing(connection: Connection, wanted: RunFilter) -> Rows:
    """Return one row per run, with times in UTC and None for missing values.

    Raise TrackingError if the database is not one of MLflow, UsageError for an unknown experiment,
    ExperimentError for one that was deleted or contradicts itself.
    """
    if not has_table(connection, "latest_metrics"):
        raise TrackingError("not a database of MLflow: it has no table latest_metrics")
    runs = _chosen(connection, wanted).subquery("r")
    source: FromClause = runs
    columns: list[ColumnElement[Any]] = [
        runs.c.run_uuid.label("run_id"),
        *(runs.c[name] for name in ("name", "experiment", "status", "start_time")),
    ]
    for name, key in _TAG_COLUMNS.items():
        source, tag = _with(_TAGS, source, runs, key)
        source, param = _with(_PARAMS, source, runs, name)
        columns.append(func.coalesce(tag, param).label(name))
    metrics = _METRIC_COLUMNS | {name: (name,) for name in wanted.metrics}
    for name, keys in metrics.items():
        values = []
        for key in keys:
            source, value = _with_metric(source, runs, key)
            values.append(value)
        columns.append(func.coalesce(*values, null()).label(name))
    order = runs.c.start_time.desc(), runs.c.run_uuid
    streaming = connection.execution_options(yield_per=_BLOCK)
    found = streaming.execute(select(*columns).select_from(source).order_by(*order))
    names = ("run_id", "name", "experiment", "status", "start", *_TAG_COLUMNS, *metrics)
    return Rows(names, _dated(found, names.index("start")))


def _chosen(connection: Connection, wanted: RunFilter) -> Any:
    chosen = (
        select(
            _RUNS.c.run_uuid,
            _RUNS.c.name,
            _RUNS.c.status,
            _RUNS.c.start_time,
            _EXPERIMENTS.c.name.label("experiment"),
        )
        .join_from(_RUNS, _EXPERIMENTS, _RUNS.c.experiment_id == _EXPERIMENTS.c.experiment_id)
        .where(_RUNS.c.lifecycle_stage == ("deleted" if wanted.deleted else "active"))
        .order_by(_RUNS.c.start_time.desc(), _RUNS.c.run_uuid)
        .limit(wanted.limit)
    )
    if wanted.experiment is not None:
        experiment_id = _experiment_id(connection, wanted.experiment, deleted=wanted.deleted)
        chosen = chosen.where(_EXPERIMENTS.c.experiment_id == experiment_id)
    if wanted.kind is not None:
        of_kind = and_(_TAGS.c.run_uuid == _RUNS.c.run_uuid, _TAGS.c.key == KIND)
        chosen = chosen.join(_TAGS, of_kind).where(_TAGS.c.value == wanted.kind)
    return chosen


def _experiment_id(connection: Connection, asked: ExperimentRequest, *, deleted: bool) -> Any:
    """Return the id of the experiment; a deleted experiment has only deleted runs."""
    columns = (_EXPERIMENTS.c[name] for name in ("experiment_id", "name", "lifecycle_stage"))
    known = connection.execute(select(*columns)).all()
    for experiment_id, name, stage in known:
        if asked.experiment_id is None:
            is_meant = name == asked.name
        else:
            is_meant = str(experiment_id) == asked.experiment_id
        if is_meant and asked.name not in {None, name}:
            raise ExperimentError(contradiction_message(asked, name))
        if is_meant and stage == "deleted" and not deleted:
            raise ExperimentError(deleted_message(name, experiment_id))
        if is_meant:
            return experiment_id
    names = [str(name) for _, name, _ in known]
    near = difflib.get_close_matches(asked.name or "", names, n=1) or sorted(names)[:5]
    raise UsageError(
        f"no experiment {asked.label!r}; known: {', '.join(map(repr, near)) or 'none'}"
    )


def _with(
    named: TableClause, source: FromClause, runs: FromClause, key: str
) -> tuple[FromClause, ColumnElement[Any]]:
    one = named.alias()
    joined = source.outerjoin(one, and_(one.c.run_uuid == runs.c.run_uuid, one.c.key == key))
    return joined, one.c.value


def _with_metric(
    source: FromClause, runs: FromClause, key: str
) -> tuple[FromClause, ColumnElement[Any]]:
    metric = _METRICS.alias()
    of_run = and_(metric.c.run_uuid == runs.c.run_uuid, metric.c.key == key)
    return source.outerjoin(metric, of_run), case((~metric.c.is_nan, metric.c.value))


def _dated(found: Any, start: int) -> Iterator[Sequence[Any]]:
    """Yield the rows with the start as text instead of milliseconds since the epoch."""
    for row in found:
        yield (*row[:start], _moment(row[start]), *row[start + 1 :])


def _moment(milliseconds: int | None) -> str | None:
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds")
