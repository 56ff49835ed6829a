"""The names of a result's parts in MLflow, as plain dictionaries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.model.results.fields import FIELDS, LIMITS, VERDICT, VERIFICATION, Kind, named, values
from bench.store.run_keys import (
    ATTEMPT,
    BASELINE,
    CONCLUSION,
    GROUP,
    INSTANCE_SET,
    KIND,
    LEFT_OUT,
    RECORD,
    RESULTS,
    attempt,
    digest_of,
    group_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.instances.instance_set import InstanceSet
    from bench.model.limits import Limits
    from bench.model.results.fields import Field
    from bench.model.results.result import Result
    from bench.model.setting import Setting
    from bench.model.task import Task

Numbers = dict[str, float | None]

_PARAMS = tuple(field for field in FIELDS if field.param and not field.param.startswith("<"))
"""Params with names of bench; the choices of a setting have their own names."""
_METRICS = tuple(field for field in FIELDS if field.metric)
_TAGS = tuple(field for field in FIELDS if field.tag)
_VERDICT_METRICS = tuple(field for field in VERDICT if field.metric)
_VERDICT_TAGS = tuple(field for field in VERDICT if field.tag)
_VIOLATIONS = tuple(field for field in VERIFICATION if field.metric)
"""Metrics that are 0 for most solutions, which is not recorded."""
_FORMER_VERDICT_TAGS = tuple(
    f"bench.{name}"
    for name in ("verdict_kind", "confirmed_by", "scip_check_status", "ipet_status", "reference")
)
"""Additional tags of version 0.1."""


def with_choices(own: Mapping[str, object], setting: Setting) -> dict[str, object]:
    """Return ``own`` with the knobs and changed parameters of a setting, by their own names.

    A knob or parameter whose name is taken already becomes ``knob/<name>`` or ``param/<name>``.
    """
    merged = dict(own)
    for prefix, choices in (("knob", setting.knobs), ("param", setting.params)):
        merged |= {
            f"{prefix}/{name}" if name in merged else name: value for name, value in choices.items()
        }
    return merged


def task_params(result: Result) -> dict[str, object]:
    """Return the properties of a task and its problem, without the setting's choices."""
    return _params(_PARAMS, result)


def setting_params(
    setting: Setting, tasks: Sequence[Task], instances: InstanceSet, set_title: str
) -> dict[str, object]:
    """Return the common properties of a setting's tasks, without the setting's choices."""
    return {
        "setting": setting.name,
        "solver": setting.solver,
        "solver_version": tasks[0].solver_version,
        "include": setting.include_text or None,
        "seeds": _listed(task.seed for task in tasks),
        "permutations": _listed(task.permutation for task in tasks),
        **limit_params(tasks[0].limits),
        "n_instances": len(instances.instances),
        INSTANCE_SET: set_title,
        "instance_set_digest": instances.digest,
    }


def sweep_params(
    tasks: Sequence[Task], instances: InstanceSet, set_title: str, others: Mapping[str, object]
) -> dict[str, object]:
    """Return the properties of a sweep; limits if all tasks have the same."""
    limits = {task.limits for task in tasks}
    return {
        "n_settings": len({task.setting.name for task in tasks}),
        "n_tasks": len({task.key for task in tasks}),
        "seeds": _listed(task.seed for task in tasks),
        "permutations": _listed(task.permutation for task in tasks),
        **(limit_params(limits.pop()) if len(limits) == 1 else {}),
        "n_instances": len(instances.instances),
        INSTANCE_SET: set_title,
        "instance_set_digest": instances.digest,
        **others,
    }


def limit_params(limits: Limits) -> dict[str, object]:
    """Return the limits by name, None if unlimited; whole seconds and MiB without decimals."""
    return _params(LIMITS, limits, "task.limits")


def result_metrics(result: Result) -> Numbers:
    """Return the claimed, measured and concluded metrics, grouped by prefix."""
    violations = _metrics(_VIOLATIONS, result)
    none = {name for name, value in violations.items() if not value}
    return {name: v for name, v in _metrics(_METRICS, result).items() if name not in none}


def verdict_metrics(result: Result) -> Numbers:
    """Return the metrics that change with the verdict."""
    return _metrics(_VERDICT_METRICS, result)


def result_tags(result: Result) -> dict[str, object]:
    """Return the tags for filters."""
    return {
        KIND: "task",
        ATTEMPT: attempt(result),
        RESULTS: digest_of([result]),
        **_tags(_TAGS, result),
    }


def verdict_tags(result: Result) -> dict[str, object]:
    """Return the tags that change with the verdict or reference."""
    return {RESULTS: digest_of([result]), **_tags(_VERDICT_TAGS, result)}


def outdated_tags(wanted: Mapping[str, str], known: Mapping[str, str]) -> list[str]:
    """Return the known tags of a run that are no longer true for its wanted ones.

    Not every verdict has a kind or a reference, and a left-out task may count again. A record with
    a kind has all its tags, one with a verdict has all tags of the verdict, and one with results
    has its conclusion.
    """
    verdict = [field.tag for field in _VERDICT_TAGS]
    outdated = [LEFT_OUT, RECORD] if KIND in wanted else []
    outdated += [CONCLUSION, BASELINE] if RESULTS in wanted else []
    if any(name in wanted for name in verdict):
        outdated += [*verdict, *_FORMER_VERDICT_TAGS]
    return [name for name in outdated if name in known and name not in wanted]


def setting_tags(task: Task, results: Sequence[Result], among: str) -> dict[str, object]:
    """Return the tags of a setting's run; ``task`` is one of its tasks, ``results`` are all.

    ``among`` is the digest of the results in the comparison, or empty.
    """
    return {
        KIND: "setting",
        GROUP: group_of(task),
        RESULTS: digest_of(results, among=among) if results else None,
    }


def span_ms(result: Result) -> tuple[int, int]:
    """Return start and end of the execution, in ms since the epoch; equal if the end is unknown."""
    started_at = result.execution.started_at
    return _milliseconds(started_at), _milliseconds(started_at + result.execution.known_wall_s)


def _params(fields: Iterable[Field], root: object, below: str = "") -> dict[str, object]:
    params: dict[str, object] = {}
    for field, value in values(fields, root, below):
        shown = _short(value) if field.unit else field.blank or None if value == "" else value
        params |= named(field.param, shown)
    return params


def _metrics(fields: Iterable[Field], result: Result) -> Numbers:
    metrics: Numbers = {}
    for field, value in values(fields, result):
        metrics |= named(field.metric, value)
    return metrics


def _tags(fields: Iterable[Field], result: Result) -> dict[str, object]:
    tags: dict[str, object] = {}
    for field, value in values(fields, result):
        text = field.separator.join(map(str, value)) if field.kind is Kind.TEXTS else value
        tags |= named(field.tag, field.blank if text == "" else text)
    return tags


def _listed(numbers: Iterable[int]) -> str:
    return ",".join(str(each) for each in sorted(set(numbers)))


def _short(value: float | None) -> str | None:
    return None if value is None else f"{value:.15g}"


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
