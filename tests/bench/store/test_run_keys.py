"""Tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bench.instances.instance_set import InstanceSet
from bench.model.instances.instance import Instance
from bench.model.results.result import Result
from bench.model.task import Task
from bench.store.run_keys import (
    SWEEP,
    ExistingRun,
    RecordId,
    RunKey,
    digest_of,
    group_of,
    run_key_of,
    task_run_key,
)
from bench.tracking.records.record import setting_record, sweep_record, task_record

Change = Callable[[Task], Task]


def test_every_record_has_its_token_in_its_tags(result: Result) -> None:
    """So a run can be known again by what MLflow has."""
    task, instances = result.task, InstanceSet.of("one", [result.task.instance])
    setting = setting_record(task.setting, [task], instance_set=instances, started_ms=0)
    sweep = sweep_record(
        "s", [task], command="bench sweep", params={}, instance_set=instances, started_ms=0
    )
    assert run_key_of(task_record(result).tags) == task_run_key(result)
    assert run_key_of(setting.tags) == RunKey("setting", group_of(task))
    assert run_key_of(sweep.tags) == SWEEP


@pytest.mark.parametrize(
    "tags", [{}, {"bench.kind": "task"}, {"bench.kind": "setting"}, {"bench.kind": "other"}]
)
def test_a_run_of_somebody_else_has_no_token(tags: dict[str, str]) -> None:
    """It is left alone."""
    assert run_key_of(tags) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda task: replace(task, seed=5),
        lambda task: replace(task, permutation=5),
        lambda task: replace(task, instance=Instance(name="x", path=task.instance.path)),
        lambda task: replace(task, limits=replace(task.limits, grace_s=99.0)),
    ],
)
def test_tasks_of_one_setting_are_one_group(result: Result, change: Change) -> None:
    """Whatever the instance, seed and permutation."""
    assert group_of(change(result.task)) == group_of(result.task)


@pytest.mark.parametrize(
    "change",
    [
        lambda task: replace(task, solver_version="11"),
        lambda task: replace(task, setting=replace(task.setting, name="other")),
        lambda task: replace(task, setting=replace(task.setting, params={"a": 1})),
        lambda task: replace(task, limits=replace(task.limits, time_s=99.0)),
    ],
)
def test_what_changes_the_results_is_another_group(result: Result, change: Change) -> None:
    """Even under the same name."""
    assert group_of(change(result.task)) != group_of(result.task)


def test_a_digest_of_results_knows_attempts_but_no_order(
    make_result: Callable[..., Result],
) -> None:
    """A task executed again is another set of results."""
    one, two = make_result(seed=1), make_result(seed=2)
    again = replace(two, execution=replace(two.execution, started_at=5.0))
    assert digest_of([one, two]) == digest_of([two, one])
    assert digest_of([one, two]) != digest_of([one, again])


def test_a_killed_run_was_not_written_to_its_end() -> None:
    """A wrong or failed task was."""
    terminated = {
        status: ExistingRun(record_id=RecordId("1"), status=status).terminated
        for status in ("RUNNING", "KILLED", "FINISHED", "FAILED")
    }
    assert terminated == {"RUNNING": False, "KILLED": False, "FINISHED": True, "FAILED": True}
