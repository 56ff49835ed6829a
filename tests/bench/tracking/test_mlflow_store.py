"""The MLflow store on a real SQLite database."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Experiment, Run

from bench.errors import TrackingError
from bench.instances.instance_set import InstanceSet
from bench.model.colours import COLOURS
from bench.model.results.result import Result
from bench.model.results.verdict import FAILURES, Category, Verdict, VerdictKind
from bench.store.experiment import ExperimentError, ExperimentRequest
from bench.store.run_keys import CAMPAIGN, CAMPAIGN_NAME
from bench.tracking.mlflow_store import MlflowStore
from bench.tracking.records.record import Record, merge, setting_record, task_record
from bench.tracking.ui.colouring import COLOUR
from bench.tracking.ui.overview import Choices, Overview
from bench.tracking.ui.views import SHARED, views
from tests.templates import empty_store

MakeResult = Callable[..., Result]


@pytest.fixture
def client(mlflow_uri: str) -> MlflowClient:
    """Return MLflow's own view of the database."""
    return MlflowClient(mlflow_uri)


@pytest.fixture
def opening(result: Result) -> Record:
    """Return the record of a setting before its first result."""
    return _setting(result)


@pytest.fixture
def closing(result: Result, tmp_path: Path) -> Record:
    """Return the record of a finished setting with a file."""
    table = tmp_path / "results.parquet"
    table.write_bytes(b"table")
    return replace(
        _setting(result, finished=True),
        artifacts=(table,),
        series={"cactus/time_s": [(1_700_000_001_000, 1, 0.5), (1_700_000_001_000, 2, 0.7)]},
    )


def _setting(result: Result, *, finished: bool = False) -> Record:
    return setting_record(
        result.task.setting,
        [result.task],
        [result] if finished else [],
        {"solved": 1.0} if finished else {},
        instance_set=InstanceSet.of("visible", [result.task.instance]),
        started_ms=1_600_000_000_000,
    )


def _runs(client: MlflowClient, store: MlflowStore) -> list[Run]:
    return list(client.search_runs([store.experiment_id]))


def test_a_setting_is_running_until_it_is_closed(
    store: MlflowStore, client: MlflowClient, opening: Record
) -> None:
    """Its params, tags and description are there from the start."""
    run = client.get_run(store.open_setting(opening))
    assert run.info.status == "RUNNING"
    assert run.info.run_name == "alpha=0.15"
    assert run.info.start_time == opening.started_ms
    assert run.data.params == opening.params
    assert opening.tags.items() <= run.data.tags.items()


def test_settings_of_one_name_can_be_told_apart(
    store: MlflowStore, client: MlflowClient, opening: Record, result: Result
) -> None:
    """By their sweep; by their instances where the campaign is called like the setting."""
    instances = InstanceSet.of("p0033.mps", [result.task.instance])
    for campaign in ("cuts", "cuts", opening.name, opening.name):
        tags = {**opening.tags, CAMPAIGN_NAME: campaign}
        store.open_setting(replace(opening, tags=tags), instances)
    names = ["", " (cuts)", " (p0033.mps)", " (p0033.mps 2)"]
    found = {run.info.run_name for run in _runs(client, store)}
    assert found == {f"{opening.name}{each}" for each in names}


def test_a_closed_setting_has_its_aggregates_and_files(
    store: MlflowStore, client: MlflowClient, opening: Record, closing: Record
) -> None:
    """Metrics, stepped series, results.parquet, status and end."""
    run_id = store.open_setting(opening)
    store.close_setting(run_id, closing)
    run = client.get_run(run_id)
    assert run.info.status == "FINISHED"
    assert run.info.end_time == closing.ended_ms
    assert run.data.metrics == {"solved": 1.0, "cactus/time_s": 0.7}
    assert [file.path for file in client.list_artifacts(run_id)] == [
        "environment.csv",
        "results.parquet",
    ]
    assert run.data.tags["mlflow.note.content"] == closing.description


def test_an_interrupted_setting_is_closed_as_killed(
    store: MlflowStore, client: MlflowClient, opening: Record
) -> None:
    """The status can be told."""
    run_id = store.open_setting(opening)
    store.close_setting(run_id, opening, "KILLED")
    assert client.get_run(run_id).info.status == "KILLED"


def test_a_run_does_not_end_before_it_begins(
    store: MlflowStore, client: MlflowClient, opening: Record, closing: Record
) -> None:
    """Imported results are older than the run that has them: MLflow would show years below zero."""
    run_id = store.open_setting(opening)
    store.close_setting(run_id, replace(closing, ended_ms=opening.started_ms - 1000))
    assert client.get_run(run_id).info.end_time == opening.started_ms


def test_closing_twice_changes_nothing(
    store: MlflowStore, client: MlflowClient, opening: Record, closing: Record
) -> None:
    """The writer may try again after a failure half-way."""
    run_id = store.open_setting(opening)
    store.close_setting(run_id, closing)
    store.close_setting(run_id, closing)
    assert len(client.get_metric_history(run_id, "cactus/time_s")) == 2


def test_another_verdict_replaces_the_one_that_is_there(
    store: MlflowStore, client: MlflowClient, opening: Record, result: Result
) -> None:
    """Tags, description, status and metric of the task's run; its times stay."""
    run_id = store.add_task(task_record(result), store.open_setting(opening))
    before = client.get_run(run_id)
    wrong = replace(result, verdict=Verdict(Category.WRONG, "too good", VerdictKind.OBJECTIVE))
    store.revise(run_id, task_record(wrong))
    run = client.get_run(run_id)
    assert run.info.status == "FAILED"
    assert run.info.end_time == before.info.end_time
    assert run.data.tags["bench.verdict"] == "wrong"
    store.revise(run_id, task_record(replace(result, reference=None)))
    assert not {"bench.verdict_kind", "bench.reference"} & client.get_run(run_id).data.tags.keys()
    assert "too good" in run.data.tags["mlflow.note.content"]
    assert (before.data.metrics["result/solved"], run.data.metrics["result/solved"]) == (1, 0)
    assert len(client.get_metric_history(run_id, "bounds/primal_bound")) == 2


def test_aggregates_that_have_changed_are_replaced(
    store: MlflowStore, client: MlflowClient, opening: Record, closing: Record
) -> None:
    """Fewer are solved, and of the mean there is nothing left."""
    run_id = store.open_setting(opening)
    metrics = {"solved": 3.0, "n_tasks": 3.0, "time_sgm1_s": 1.5}
    store.close_setting(run_id, replace(closing, metrics=metrics))
    store.reopen(run_id, opening)
    store.close_setting(run_id, replace(closing, metrics={"solved": 0.0, "n_tasks": 3.0}))
    found = client.get_run(run_id).data.metrics
    assert (found["solved"], found["n_tasks"]) == (0, 3)
    assert math.isnan(found["time_sgm1_s"])
    assert len(client.get_metric_history(run_id, "cactus/time_s")) == 2


def test_a_task_run_lies_beneath_its_setting_with_everything(
    store: MlflowStore, client: MlflowClient, opening: Record, result: Result
) -> None:
    """Params, metrics, series with their times, tags, existing files, times and status."""
    parent = store.open_setting(opening)
    record = task_record(result)
    run_id = store.add_task(record, parent)
    run = client.get_run(run_id)
    assert run.info.status == "FINISHED"
    assert (run.info.start_time, run.info.end_time) == (record.started_ms, record.ended_ms)
    assert run.data.params == record.params
    assert record.metrics.items() <= run.data.metrics.items()
    assert {**record.tags, "mlflow.parentRunId": parent}.items() <= run.data.tags.items()
    assert [file.path for file in client.list_artifacts(run_id)] == [
        "bounds.svg",
        "details.csv",
        "solver.log",
    ]
    history = client.get_metric_history(run_id, "bounds/primal_bound")
    points = [(point.timestamp, point.step, point.value) for point in history]
    assert points == record.series["bounds/primal_bound"]


def test_a_failed_task_is_a_failed_run(
    store: MlflowStore, client: MlflowClient, crashed: Result
) -> None:
    """It is red in the UI."""
    run_id = store.add_task(task_record(crashed), None)
    run = client.get_run(run_id)
    assert run.info.status == "FAILED"
    assert "mlflow.parentRunId" not in run.data.tags


def test_a_record_beyond_one_batch_is_written_whole(
    store: MlflowStore, client: MlflowClient, result: Result
) -> None:
    """MLflow takes 100 params and 1000 metrics at once."""
    record = task_record(result)
    record = replace(
        record,
        params={f"p{n}": str(n) for n in range(250)},
        tags={f"t{n}": str(n) for n in range(150)},
        metrics={f"m{n}": float(n) for n in range(1500)},
    )
    run = client.get_run(store.add_task(record, None))
    assert len(run.data.params) == 250
    assert record.tags.items() <= run.data.tags.items()
    assert record.metrics.items() <= run.data.metrics.items()


def test_a_task_that_cannot_be_written_whole_is_not_there(
    store: MlflowStore, client: MlflowClient, result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record is in, or it is not; another attempt makes no second run."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(MlflowClient, "set_terminated", refuse)
        with pytest.raises(TrackingError, match="the disk is full"):
            store.add_task(task_record(result), None)
    assert _runs(client, store) == []
    store.add_task(task_record(result), None)
    assert len(_runs(client, store)) == 1


def test_a_setting_that_cannot_be_opened_leaves_no_run(
    store: MlflowStore, client: MlflowClient, opening: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would be running for ever."""

    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(MlflowClient, "log_batch", refuse)
        with pytest.raises(TrackingError, match="keeps the database locked"):
            store.open_setting(opening)
    assert _runs(client, store) == []


def test_the_instance_set_is_the_dataset_of_the_run(
    store: MlflowStore, client: MlflowClient, opening: Record, result: Result
) -> None:
    """The UI shows it in its Dataset column."""
    instances = InstanceSet.of("visible", [result.task.instance])
    run_id = store.open_setting(opening, instances)
    inputs = client.get_run(run_id).inputs
    assert inputs is not None
    (shown,) = inputs.dataset_inputs
    assert (shown.dataset.name, shown.dataset.digest) == ("visible", instances.digest)
    assert "ab" * 32 in shown.dataset.source


def test_the_run_of_mlflow_run_becomes_the_setting_run(
    mlflow_uri: str, client: MlflowClient, store: MlflowStore, opening: Record, closing: Record
) -> None:
    """In its own experiment; what MLflow has logged with shell quotes is not logged again."""
    run_id = client.create_run(store.experiment_id).info.run_id
    client.log_param(run_id, "instance_set", "'the visible ones'")
    adopting = MlflowStore(mlflow_uri, "another experiment", run_id)
    assert adopting.experiment_id == store.experiment_id
    assert adopting.open_setting(opening) == run_id
    adopting.close_setting(run_id, closing)
    run = client.get_run(run_id)
    assert run.data.params == opening.params | {"instance_set": "'the visible ones'"}
    assert run.info.run_name == "alpha=0.15"
    assert run.info.status == "FINISHED"


def test_the_user_keeps_the_name_of_an_adopted_run(
    mlflow_uri: str, client: MlflowClient, store: MlflowStore, opening: Record
) -> None:
    """Only a name that MLflow has made up is replaced."""
    run_id = client.create_run(store.experiment_id, run_name="my night run").info.run_id
    MlflowStore(mlflow_uri, None, run_id).open_setting(opening)
    assert client.get_run(run_id).info.run_name == "my night run"


def test_an_adopted_run_is_adopted_once(
    mlflow_uri: str, client: MlflowClient, store: MlflowStore, opening: Record
) -> None:
    """A second setting gets a run of its own in the same experiment."""
    run_id = client.create_run(store.experiment_id).info.run_id
    adopting = MlflowStore(mlflow_uri, None, run_id)
    assert adopting.open_setting(opening) == run_id
    assert adopting.open_setting(opening) != run_id
    assert len(_runs(client, store)) == 2


def test_a_single_task_has_everything_on_the_setting_run(
    store: MlflowStore, client: MlflowClient, opening: Record, closing: Record, result: Result
) -> None:
    """One solve is one row."""
    run_id = store.open_setting(opening)
    store.close_setting(run_id, merge(closing, task_record(result)))
    (run,) = _runs(client, store)
    assert run.data.params["n_bins"] == "33"
    assert run.data.metrics["result/primal_bound"] == 3089.0
    assert run.data.tags["bench.kind"] == "setting"
    files = {file.path for file in client.list_artifacts(run_id)}
    assert files == {
        "bounds.svg",
        "details.csv",
        "environment.csv",
        "results.parquet",
        "solver.log",
    }


def test_two_stores_share_an_experiment(mlflow_uri: str, store: MlflowStore) -> None:
    """It is made by whoever comes first."""
    name = store._client.get_experiment(store.experiment_id).name
    assert MlflowStore(mlflow_uri, name).experiment_id == store.experiment_id


def test_an_experiment_made_by_another_at_the_same_moment_is_used(
    mlflow_uri: str, store: MlflowStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the question and the creation somebody else was faster."""
    name = store._client.get_experiment(store.experiment_id).name
    ask = MlflowClient.get_experiment_by_name
    asked: list[str] = []

    def answer_late(client: MlflowClient, name: str) -> Experiment | None:
        asked.append(name)
        return ask(client, name) if len(asked) > 1 else None

    monkeypatch.setattr(MlflowClient, "get_experiment_by_name", answer_late)
    assert MlflowStore(mlflow_uri, name).experiment_id == store.experiment_id


def test_a_deleted_experiment_is_named_with_how_to_restore_it(
    mlflow_uri: str, store: MlflowStore, client: MlflowClient
) -> None:
    """Its name is taken until then."""
    name = client.get_experiment(store.experiment_id).name
    client.delete_experiment(store.experiment_id)
    with pytest.raises(TrackingError, match=f"restore --experiment-id {store.experiment_id}"):
        MlflowStore(mlflow_uri, name)


def test_artifacts_lie_beside_the_database(store: MlflowStore, mlflow_uri: str) -> None:
    """Not wherever the command happened to be typed."""
    location = store._client.get_experiment(store.experiment_id).artifact_location
    folder = Path(mlflow_uri.removeprefix("sqlite:///")).parent
    assert location.startswith((folder / "mlruns").as_uri())


def _finished(client: MlflowClient, run_id: str) -> None:
    client.set_terminated(run_id)


def _deleted(client: MlflowClient, run_id: str) -> None:
    client.delete_run(run_id)


def _taken(client: MlflowClient, run_id: str) -> None:
    client.set_tag(run_id, "bench.kind", "comparison")


def _of_another_campaign(client: MlflowClient, run_id: str) -> None:
    client.set_tag(run_id, "bench.kind", "setting")
    client.set_tag(run_id, CAMPAIGN, "another")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_finished, "is not running any more (FINISHED)"),
        (_deleted, "was deleted"),
        (_taken, "already has other results of bench"),
        (_of_another_campaign, "already has other results of bench"),
    ],
)
def test_a_run_that_is_not_ours_to_write_stays_as_it_is(
    client: MlflowClient,
    store: MlflowStore,
    opening: Record,
    change: Callable[[MlflowClient, str], None],
    words: str,
) -> None:
    """MLFLOW_RUN_ID may be left in the environment, and a project may call bench twice."""
    run_id = client.create_run(store.experiment_id).info.run_id
    change(client, run_id)
    before = client.get_run(run_id).to_dictionary()
    asked = client.get_experiment(store.experiment_id).name
    other = MlflowStore(store.uri, asked, run_id, "c0ffee")
    assert words in other.notice
    assert run_id in other.notice
    own = other.open_setting(opening)
    assert own != run_id
    assert client.get_run(own).info.experiment_id == store.experiment_id
    assert client.get_run(run_id).to_dictionary() == before


@pytest.mark.parametrize("run_id", ["0123", "../x", "a b"])
def test_a_run_that_does_not_exist_is_not_needed(
    store: MlflowStore, opening: Record, run_id: str
) -> None:
    """MLFLOW_RUN_ID may be left over from another database."""
    other = MlflowStore(store.uri, None, run_id)
    assert "does not exist in this store" in other.notice
    assert other.open_setting(opening)


def test_a_run_of_the_same_campaign_is_gone_on_with(
    client: MlflowClient, store: MlflowStore, opening: Record
) -> None:
    """Also after it has ended; and in its experiment, whatever is asked for by now."""
    run_id = client.create_run(store.experiment_id).info.run_id
    first = MlflowStore(store.uri, None, run_id, "c0ffee")
    tagged = replace(opening, tags=opening.tags | {CAMPAIGN: "c0ffee"})
    first.close_setting(first.open_setting(tagged), tagged)
    again = MlflowStore(store.uri, "another experiment", run_id, "c0ffee")
    assert again.notice == ""
    assert again.experiment == store.experiment


def test_an_experiment_is_found_by_its_id(store: MlflowStore, client: MlflowClient) -> None:
    """It has to be there, and a name has to agree with it."""
    name = client.get_experiment(store.experiment_id).name
    for asked in (None, name):
        request = ExperimentRequest(name=asked, experiment_id=store.experiment_id)
        assert MlflowStore(store.uri, request).experiment_id == store.experiment_id
    for wrong, words in (
        (ExperimentRequest(experiment_id="987654"), "no experiment has this id; .*there are: '"),
        (ExperimentRequest(experiment_id="one"), "no experiment has this id"),
        (ExperimentRequest(experiment_id=store.experiment_id, name="two"), "name is 'two'"),
        (ExperimentRequest(experiment_id="0", name="no such name"), "is experiment 'Default'"),
    ):
        with pytest.raises(ExperimentError, match=words):
            MlflowStore(store.uri, wrong)
    assert client.get_experiment_by_name("no such name") is None
    client.delete_experiment(store.experiment_id)
    with pytest.raises(ExperimentError, match=f"restore --experiment-id {store.experiment_id}"):
        MlflowStore(store.uri, ExperimentRequest(experiment_id=store.experiment_id))


def test_an_experiment_that_was_used_before_is_found_under_its_new_name(
    store: MlflowStore, client: MlflowClient
) -> None:
    """An experiment that only has the same id, in a database made anew, is another one."""
    name = client.get_experiment(store.experiment_id).name
    client.rename_experiment(store.experiment_id, f"{name} renamed")
    request = ExperimentRequest(name=name, used_before=store.experiment)
    assert MlflowStore(store.uri, request).experiment_id == store.experiment_id
    client.delete_experiment(store.experiment_id)
    with pytest.raises(ExperimentError, match="renamed' was deleted"):
        MlflowStore(store.uri, request)
    foreign = replace(store.experiment, created_ms=1)
    other = MlflowStore(store.uri, ExperimentRequest(name=name, used_before=foreign))
    assert other.experiment_id != store.experiment_id


def test_the_default_experiment_may_have_another_name(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """MLflow knows it by its id."""
    shutil.copyfile(empty_store(tmp_path_factory), tmp_path / "mlflow.db")
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    MlflowClient(uri).rename_experiment("0", "main")
    assert MlflowStore(uri, None).experiment_id == "0"


def test_a_file_that_is_no_database_is_one_clear_error(tmp_path: Path) -> None:
    """SQLAlchemy's own message is a page."""
    (tmp_path / "mlflow.db").write_text("certainly not a database " * 50, "utf-8")
    with pytest.raises(TrackingError, match="the file is not a usable database"):
        MlflowStore(f"sqlite:///{tmp_path}/mlflow.db", None)


def test_an_unknown_kind_of_store_is_one_clear_error() -> None:
    """With the kinds there are."""
    with pytest.raises(TrackingError, match="MLflow has no store carrier-pigeon://"):
        MlflowStore("carrier-pigeon://home", None)


def test_views_stand_in_the_experiment_and_are_written_once(
    store: MlflowStore, client: MlflowClient
) -> None:
    """As tags, where MLflow's own Views menu looks for them."""
    tags = []
    for _ in range(2):
        store.show_views(Overview(choices=Choices(("alpha",), ("alpha",))))
        tags.append(dict(client.get_experiment(store.experiment_id).tags))
    assert {name for name in tags[0] if name.startswith(SHARED)} == {
        SHARED + view.key for view in views(Overview())
    }
    assert tags[0] == tags[1]


@pytest.mark.parametrize(("key", "found"), [("bench-wrong", {"wrong"}), ("bench-failed", FAILURES)])
def test_a_view_of_wrong_or_failed_tasks_finds_them_all(
    store: MlflowStore, client: MlflowClient, result: Result, key: str, found: set[Category]
) -> None:
    """And nothing else."""
    for category in Category:
        store.add_task(task_record(replace(result, verdict=Verdict(category, "so"))), None)
    (view,) = (one for one in views(Overview()) if one.key == key)
    runs = client.search_runs([store.experiment_id], view.filter)
    assert {run.data.tags["bench.verdict"] for run in runs} == found


def test_settings_have_colours_of_their_own(
    store: MlflowStore, client: MlflowClient, opening: Record
) -> None:
    """MLflow's own often coincide."""
    ids = [store.open_setting(replace(opening, name=f"setting {n}")) for n in range(len(COLOURS))]
    colours = [client.get_run(one).data.tags[COLOUR] for one in ids]
    assert sorted(colours) == sorted(COLOURS)


def test_a_colour_that_a_user_has_given_stays(
    store: MlflowStore, client: MlflowClient, opening: Record
) -> None:
    """Here to a run that is adopted."""
    run = client.create_run(store.experiment_id, tags={COLOUR: "#123456"})
    adopting = MlflowStore(store.uri, None, run.info.run_id)
    assert adopting.open_setting(opening) == run.info.run_id
    assert client.get_run(run.info.run_id).data.tags[COLOUR] == "#123456"
