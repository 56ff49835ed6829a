"""Records: results flattened to params, metrics, series, tags and artifacts, ready for MLflow.

The names of a result's fields come from `bench.model.results.fields`, other names from here and
`fields`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bench.model.workspace import Workspace
from bench.store.run_keys import COMMAND, INSTANCE_SET, KIND, LEFT_OUT, RESULTS, digest_of
from bench.store.truncation import thin_points, truncate_metrics, truncate_params, truncate_tags
from bench.tracking.records import fields
from bench.tracking.records.bounds_picture import PICTURE, bounds_picture
from bench.tracking.records.descriptions import (
    setting_description,
    sweep_description,
    task_description,
)
from bench.tracking.records.details import DETAILS, environment, provenance_tags, task_details
from bench.tracking.records.series import task_series
from bench.tracking.records.set_title import machine_class, set_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from bench.instances.instance_set import InstanceSet
    from bench.model.results.result import Result
    from bench.model.setting import Setting
    from bench.model.task import Task

FINISHED = "FINISHED"
FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The data of a task, setting or sweep for a store, within MLflow's limits of length.

    ``description`` is Markdown; a ``picture``, one of the artifacts, is shown below its first line.
    ``series`` has (timestamp in ms since the epoch, step, value). ``artifacts`` are files; missing
    ones are left out. ``texts`` are further artifacts by their names.
    """

    name: str
    params: dict[str, str]
    metrics: dict[str, float]
    tags: dict[str, str]
    started_ms: int
    ended_ms: int
    status: str = FINISHED
    description: str = ""
    series: dict[str, list[tuple[int, int, float]]] = field(default_factory=dict)
    artifacts: tuple[Path, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)
    picture: str = ""


def task_record(result: Result, provenance: Mapping[str, str] | None = None) -> Record:
    """Return the record of one result; a wrong or failed one has the status FAILED."""
    description = task_description(result)
    started_ms, ended_ms = fields.span_ms(result)
    tags = {**fields.result_tags(result), **provenance_tags(provenance or {})}
    picture = bounds_picture(result)
    return Record(
        name=_task_name(result.task),
        params=truncate_params(
            fields.with_choices(fields.task_params(result), result.task.setting)
        ),
        metrics=truncate_metrics(fields.result_metrics(result)),
        series=task_series(result),
        tags=truncate_tags(tags),
        artifacts=Workspace(result.folder).kept,
        texts={DETAILS: task_details(result), **({PICTURE: picture} if picture else {})},
        picture=PICTURE if picture else "",
        started_ms=started_ms,
        ended_ms=ended_ms,
        status=_status([result]),
        description=description,
    )


def setting_record(  # noqa: PLR0913 - a setting run has this many sides
    setting: Setting,
    tasks: Sequence[Task],
    results: Sequence[Result] = (),
    aggregates: Mapping[str, float] | None = None,
    *,
    instance_set: InstanceSet,
    started_ms: int,
    series: Mapping[str, Iterable[tuple[int, float]]] | None = None,
    artifacts: tuple[Path, ...] = (),
    provenance: Mapping[str, str] | None = None,
    outcome: Mapping[str, str] | None = None,
    found: str = "",
    among: str = "",
) -> Record:
    """Return the record of a setting: before its tasks are executed, without results, or after.

    ``tasks`` are all the planned ones (at least one). The caller names ``aggregates`` and
    ``series`` (step, value), and the tags in ``outcome``. ``found`` are the findings in Markdown;
    ``among`` is the digest of all results in its comparison. The status is FAILED if any result is
    wrong or failed.
    """
    ended_ms = max([started_ms, *(fields.span_ms(result)[1] for result in results)])
    description = setting_description(setting, tasks, results, found)
    machine = machine_class(provenance or {})
    title = set_title(instance_set, tasks[0].limits, machine)
    tags = {
        **fields.setting_tags(tasks[0], results, among),
        INSTANCE_SET: title,
        **(outcome or {}),
        **provenance_tags(provenance or {}),
    }
    params = fields.setting_params(setting, tasks, instance_set, title) | {
        "machine": machine or None
    }
    versions = results[0].answer.versions if results else {}
    return Record(
        name=setting.name,
        params=truncate_params(fields.with_choices(params, setting)),
        metrics=truncate_metrics(aggregates or {}),
        series=stepped(series or {}, ended_ms),
        tags=truncate_tags(tags),
        artifacts=artifacts,
        texts=environment({**(provenance or {}), **versions}),
        started_ms=started_ms,
        ended_ms=ended_ms,
        status=_status(results),
        description=description,
    )


def sweep_record(  # noqa: PLR0913 - a sweep run has this many sides
    name: str,
    tasks: Sequence[Task],
    results: Sequence[Result] = (),
    metrics: Mapping[str, float] | None = None,
    *,
    command: str,
    comparison: str = "",
    params: Mapping[str, object],
    instance_set: InstanceSet,
    started_ms: int,
    series: Mapping[str, Iterable[tuple[int, float]]] | None = None,
    artifacts: tuple[Path, ...] = (),
    provenance: Mapping[str, str] | None = None,
    among: str = "",
) -> Record:
    """Return the record of a whole sweep: before its tasks are executed, without results, or after.

    ``tasks`` are all the planned ones of all settings; ``params`` are added to their common
    properties; ``command`` repeats the sweep; ``comparison`` is the comparison in Markdown;
    ``among`` is the baseline that the sweep declares, or empty.
    """
    ended_ms = max([started_ms, *(fields.span_ms(result)[1] for result in results)])
    description = sweep_description(command, tasks, results, comparison)
    tags = {
        KIND: "sweep",
        COMMAND: command,
        RESULTS: digest_of(results, among=among) if results else None,
        **provenance_tags(provenance or {}),
    }
    machine = machine_class(provenance or {})
    limits = {task.limits for task in tasks}
    title = set_title(instance_set, limits.pop() if len(limits) == 1 else None, machine)
    others = {"machine": machine or None, **params}
    return Record(
        name=name,
        params=truncate_params(fields.sweep_params(tasks, instance_set, title, others)),
        metrics=truncate_metrics(metrics or {}),
        series=stepped(series or {}, ended_ms),
        tags=truncate_tags(tags),
        artifacts=artifacts,
        texts=environment(provenance or {}),
        started_ms=started_ms,
        ended_ms=ended_ms,
        status=_status(results),
        description=description,
    )


def outcome_record(  # noqa: PLR0913 - a run has this many sides
    kind: str,
    name: str,
    *,
    metrics: Mapping[str, float | None],
    tags: Mapping[str, object],
    description: str,
    artifacts: tuple[Path, ...],
    now_ms: int,
    provenance: Mapping[str, str],
) -> Record:
    """Return the record of a command's analysis, of a kind such as ``comparison``.

    The caller names metrics and further tags; ``now_ms`` is in ms since the epoch.
    """
    return Record(
        name=name,
        params={},
        metrics=truncate_metrics(metrics),
        tags=truncate_tags({KIND: kind, **tags, **provenance_tags(provenance)}),
        artifacts=artifacts,
        texts=environment(provenance) if artifacts else {},
        started_ms=now_ms,
        ended_ms=now_ms,
        description=description,
    )


def merge(setting: Record, task: Record) -> Record:
    """Return one record of a setting and its only task: a setting run with all data of the task.

    Its description begins with the outcome of the task.
    """
    description = f"{task.description}\n\n{setting.description}".strip()
    own = {path.name for path in task.artifacts}
    return replace(
        setting,
        params=task.params | setting.params,
        metrics=task.metrics | setting.metrics,
        series=task.series | setting.series,
        tags=task.tags | setting.tags,
        artifacts=(*task.artifacts, *(one for one in setting.artifacts if one.name not in own)),
        texts=task.texts | setting.texts,
        picture=task.picture,
        started_ms=min(setting.started_ms, task.started_ms),
        ended_ms=max(setting.ended_ms, task.ended_ms),
        status=FAILED if FAILED in {setting.status, task.status} else FINISHED,
        description=description,
    )


def mark_left_out(record: Record, results: Sequence[Result], cause: str) -> Record:
    """Return the record of a task or setting with the reason why it does not count."""
    tags = record.tags | {LEFT_OUT: cause}
    if results:
        tags[RESULTS] = digest_of(results, cause)
    description = f"**Left out**: {cause}; the current plan of the sweep does not contain it."
    return replace(record, tags=tags, description=f"{description}\n\n{record.description}")


def stepped(
    series: Mapping[str, Iterable[tuple[int, float]]], when: int
) -> dict[str, list[tuple[int, int, float]]]:
    """Return series of (step, value) with the same time for all points, in ms since the epoch."""
    return {
        name: thin_points((when, step, value) for step, value in points)
        for name, points in series.items()
    }


def _status(results: Sequence[Result]) -> str:
    return FAILED if any(result.verdict.bad for result in results) else FINISHED


def _task_name(task: Task) -> str:
    permutation = f" p{task.permutation}" if task.permutation else ""
    return f"{task.instance.label} s{task.seed}{permutation}"
