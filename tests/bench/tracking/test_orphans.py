"""What earlier processes have left in a real store."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from mlflow import MlflowClient

from bench.instances.instance_set import InstanceSet
from bench.model.results.result import Result
from bench.store.run_keys import CAMPAIGN, ExistingRun, RecordId, RunKey, group_of, task_run_key
from bench.tracking.mlflow_store import MlflowStore
from bench.tracking.orphans import select_surplus
from bench.tracking.records.record import Record, setting_record, task_record
from bench.tracking.run_metrics import NoMetrics
from bench.tracking.sync import CampaignSync
from bench.tracking.writer_process import WRITER, host, this_process

MINE = {CAMPAIGN: "c0ffee"}
OTHERS = {CAMPAIGN: "decaf"}


@pytest.fixture
def client(mlflow_uri: str) -> MlflowClient:
    """Return MLflow's own view of the database."""
    return MlflowClient(mlflow_uri)


def _setting(result: Result, tags: dict[str, str] = MINE) -> Record:
    return setting_record(
        result.task.setting,
        [result.task],
        instance_set=InstanceSet.of("visible", [result.task.instance]),
        started_ms=0,
        provenance=tags,
    )


def _half_written(client: MlflowClient, store: MlflowStore, record: Record) -> str:
    run = client.create_run(store.experiment_id, tags=record.tags)
    return str(run.info.run_id)


def test_all_runs_of_a_campaign_are_found_by_their_tokens(
    store: MlflowStore, result: Result, crashed: Result
) -> None:
    """Those of other campaigns are not; a failed task is there as well."""
    parent_id = store.open_setting(_setting(result))
    solved_id = store.add_task(task_record(result, MINE), parent_id)
    failed = replace(crashed, execution=replace(crashed.execution, started_at=1.0))
    failed_id = store.add_task(task_record(failed, MINE), parent_id)
    store.add_task(task_record(result, OTHERS), None)
    found = store.load_existing("c0ffee")
    assert {run_key: each.record_id for run_key, each in found.items()} == {
        RunKey("setting", group_of(result.task)): parent_id,
        task_run_key(result): solved_id,
        task_run_key(failed): failed_id,
    }


def test_a_half_written_task_is_deleted(
    store: MlflowStore, client: MlflowClient, result: Result
) -> None:
    """Its process was killed; the journal has it whole."""
    run_id = _half_written(client, store, task_record(result, MINE))
    assert store.load_existing("c0ffee") == {}
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"


def test_a_task_that_is_there_twice_is_there_once_afterwards(
    store: MlflowStore, client: MlflowClient, result: Result
) -> None:
    """Two copies of a folder were delivered at the same time."""
    for _ in range(2):
        store.add_task(task_record(result, MINE), None)
    assert set(store.load_existing("c0ffee")) == {task_run_key(result)}
    assert len(client.search_runs([store.experiment_id])) == 1


def test_a_request_that_timed_out_is_found_to_have_been_carried_out(
    store: MlflowStore, result: Result
) -> None:
    """Looking up a token costs one search, and finds nothing where nothing is."""
    run_key = task_run_key(result)
    assert store.find("c0ffee", run_key) is None
    run_id = store.add_task(task_record(result, MINE), None)
    found = store.find("c0ffee", run_key)
    assert found is not None
    assert found.record_id == run_id


def test_a_setting_is_found_whatever_its_name(store: MlflowStore, result: Result) -> None:
    """Quotes would break MLflow's filters."""
    setting = replace(result.task.setting, name='it\'s "mine" `today` % 100')
    result = replace(result, task=replace(result.task, setting=setting))
    run_id = store.open_setting(_setting(result))
    found = store.find("c0ffee", RunKey("setting", group_of(result.task)))
    assert found is not None
    assert found.record_id == run_id


def test_an_adopted_run_that_is_found_again_is_not_adopted_twice(
    mlflow_uri: str, client: MlflowClient, store: MlflowStore, result: Result
) -> None:
    """The second setting gets a run of its own."""
    run_id = client.create_run(store.experiment_id).info.run_id
    MlflowStore(mlflow_uri, None, run_id).open_setting(_setting(result))
    again = MlflowStore(mlflow_uri, None, run_id, "c0ffee")
    assert again.notice == ""
    assert [found.record_id for found in again.load_existing("c0ffee").values()] == [run_id]
    assert again.open_setting(_setting(result)) != run_id


def test_orphans_are_deleted_and_open_rows_stay(
    store: MlflowStore, client: MlflowClient, result: Result
) -> None:
    """A server was slow, and made a run after its request had been given up."""
    open_id = store.open_setting(_setting(result))
    _half_written(client, store, task_record(result, MINE))
    others = _half_written(client, store, task_record(result, OTHERS))
    store.remove_orphans("c0ffee", {open_id})
    left = {run.info.run_id for run in client.search_runs([store.experiment_id])}
    assert left == {open_id, others}


def test_runs_of_a_dead_process_are_closed_as_killed(
    store: MlflowStore, client: MlflowClient
) -> None:
    """Those of a living one, of another host and of other programs stay as they are."""
    dead = _dead_process()
    writers = {
        "dead": dead,
        "alive": this_process(),
        "elsewhere": dead.replace(host(), "node9"),
        "other": "",
    }
    run_ids = {
        name: client.create_run(store.experiment_id, tags={WRITER: writer}).info.run_id
        for name, writer in writers.items()
    }
    assert store.close_abandoned() == 1
    statuses = {name: client.get_run(run_id).info.status for name, run_id in run_ids.items()}
    assert statuses == {
        "dead": "KILLED",
        "alive": "RUNNING",
        "elsewhere": "RUNNING",
        "other": "RUNNING",
    }


def test_who_writes_to_an_experiment_first_ends_what_dead_processes_left(
    store: MlflowStore, client: MlflowClient, make_campaign: Callable[..., Path]
) -> None:
    """Whatever campaign it belonged to: its own command may never come back."""
    tags = {WRITER: _dead_process()}
    left = client.create_run(store.experiment_id, tags=tags).info.run_id
    CampaignSync(make_campaign(), NoMetrics()).attach(store)
    assert client.get_run(left).info.status == "KILLED"


def _dead_process() -> str:
    """Return what a process that has ended was called as a writer."""
    code = "from bench.tracking.writer_process import this_process; print(this_process())"
    dead = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return dead.stdout.strip()


def test_of_two_rows_of_a_setting_the_one_with_tasks_is_kept() -> None:
    """The other one came from a request that was given up."""
    setting, task = RunKey("setting", "g"), RunKey("task", "k", "1")
    empty = ExistingRun(record_id=RecordId("empty"), status="RUNNING")
    full = ExistingRun(record_id=RecordId("full"), status="RUNNING")
    child = ExistingRun(record_id=RecordId("child"), status="FINISHED", parent_id="full")
    kept, surplus = select_surplus({setting: [empty, full], task: [child]})
    assert kept == {setting: full, task: child}
    assert surplus == [empty]


def test_more_runs_than_fit_on_a_page_are_all_found(
    store: MlflowStore, make_result: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large sweep has ten thousand."""
    monkeypatch.setattr("bench.tracking.orphans._PAGE", 2)
    for seed in range(5):
        store.add_task(task_record(make_result(seed=seed), MINE), None)
    assert len(store.load_existing("c0ffee")) == 5
