"""The examples in examples/mlflow/, each as its entry point in MLproject calls it."""

from __future__ import annotations

import re
import shlex
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

import database_schema
import diabetes
import example_store
import mlflow
import model_registry
import pytest
import search_by_tags
import serve_two_models
import uvicorn
import yaml
from mlflow import MlflowClient
from mlflow.pyfunc import scoring_server

from tests.commands import forget_stores, mlflow_run
from tests.servers import free_port
from tests.templates import empty_store

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "examples" / "mlflow"
ENTRY_POINTS = {
    name: entry
    for name, entry in yaml.safe_load((ROOT / "MLproject").read_text())["entry_points"].items()
    if "examples/mlflow/" in entry["command"]
}


@pytest.fixture
def store(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Return the address of an empty store in the current folder; MLflow forgets it afterwards."""
    shutil.copy(empty_store(tmp_path_factory), tmp_path / "mlruns.db")
    monkeypatch.chdir(tmp_path)
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID"):
        monkeypatch.setenv(name, "")  # what the examples set of it is taken back
        monkeypatch.delenv(name)
    monkeypatch.setattr("mlflow.tracking._tracking_service.utils._tracking_uri", None)
    monkeypatch.setattr("mlflow.tracking.fluent._active_experiment_id", None)
    yield "sqlite:///mlruns.db"
    forget_stores()


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_an_entry_point_hands_all_its_parameters_to_a_script(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As options that the script has, with the same defaults."""
    entry = ENTRY_POINTS[name]
    program, script, *words = shlex.split(entry["command"])
    assert program == "python"
    assert set(re.findall(r"{(\w+)}", entry["command"])) == set(entry["parameters"])
    with pytest.raises(SystemExit) as ended:
        import_module(Path(script).stem).main(["--help"])
    assert ended.value.code == 0
    known = " ".join(capsys.readouterr().out.split())
    for option, value in zip(words[::2], words[1::2], strict=True):
        default = entry["parameters"][value.strip("{}")]["default"]
        shown = rf"{option} [A-Z_]+ [^-]*\[default: {re.escape(str(default))}\]"
        assert re.search(shown if default else rf"{option} [A-Z_]+", known)


def test_each_example_has_an_entry_point_and_is_explained() -> None:
    """A script without one would not be found."""
    programs = {path.name for path in FOLDER.glob("*.py") if "def main(" in path.read_text()}
    called = {shlex.split(entry["command"])[1] for entry in ENTRY_POINTS.values()}
    assert called == {f"examples/mlflow/{name}" for name in programs}
    explained = (FOLDER / "README.md").read_text()
    for name in (*ENTRY_POINTS, *programs, "client.ipynb"):
        assert f"`{name}`" in explained or f"[{name}]" in explained


@pytest.mark.slow
def test_autolog_records_the_forest_in_its_own_database(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Parameters, metrics and model; the run in the store of the environment has none of it."""
    shutil.copytree(FOLDER, tmp_path / "examples" / "mlflow")
    for name in ("MLproject", "conda.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("mlflow.db", "mlruns.db"):
        shutil.copy(empty_store(tmp_path_factory), tmp_path / name)
    brief = {"MLFLOW_REQUIREMENTS_INFERENCE_TIMEOUT": "1"}  # 5 s for what the model imports
    ended = mlflow_run(tmp_path, "-e", "sklearn", env=brief)
    found = (
        "select e.name, r.status, p.key, p.value from runs r join experiments e "
        "using (experiment_id) join params p using (run_uuid)"
    )
    rows = recorded(tmp_path / "mlruns.db", found)
    assert {row[:2] for row in rows} == {("diabetes", "FINISHED")}
    wanted = {"n_estimators": "100", "max_depth": "6", "max_features": "3"}
    assert dict(row[2:] for row in rows).items() >= wanted.items()
    metrics = dict(recorded(tmp_path / "mlruns.db", "select key, value from latest_metrics"))
    assert 0.7 < metrics["training_r2_score"] < 0.9
    assert 0.2 < metrics["RandomForestRegressor_score_x_test"] < 0.4
    assert "RandomForestRegressor_score_x_test" in ended.out
    tags = recorded(tmp_path / "mlruns.db", "select value from tags where key = 'model_type'")
    assert tags == [("sklearn",)]
    assert len(recorded(tmp_path / "mlruns.db", "select * from logged_models")) == 1
    assert recorded(tmp_path / "mlflow.db", "select key from latest_metrics") == []


def recorded(database: Path, query: str) -> list[Any]:
    """Return the rows of a query."""
    with closing(sqlite3.connect(database)) as connection:
        return list(connection.execute(query))


def test_the_run_of_mlflow_run_is_used_where_the_store_has_it(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not a second one beside it."""
    client = MlflowClient(store)
    run_id = client.create_run(client.create_experiment("scip")).info.run_id
    monkeypatch.setenv("MLFLOW_RUN_ID", run_id)
    example_store.use_store_or_run(store, "diabetes")
    with mlflow.start_run() as run:
        assert run.info.run_id == run_id


def test_the_run_of_another_store_is_left_alone(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run is a new one in the experiment of the example."""
    monkeypatch.setenv("MLFLOW_RUN_ID", "0" * 32)
    monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", "7")
    example_store.use_store_or_run(store, "diabetes")
    with mlflow.start_run() as run:
        experiment = mlflow.get_experiment(run.info.experiment_id)
    assert experiment.name == "diabetes"


def test_what_mlflow_refuses_is_one_line(store: str) -> None:
    """Here a name that no experiment can have."""
    argv = ["--tracking-uri", store, "--experiment="]
    with pytest.raises(SystemExit, match=r"\AError: [^\n]+\Z"):
        example_store.run_main(lambda: search_by_tags.main(argv))


def test_runs_and_versions_are_found_by_their_tags(
    store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The mean, which has another tag, is not among them."""
    search_by_tags.main(["--tracking-uri", store])
    experiment = mlflow.get_experiment_by_name("diabetes")
    assert experiment is not None
    runs = search_by_tags.find_runs(experiment.experiment_id)
    assert [run.info.run_name for run in runs] == ["SVR", "RandomForestRegressor"]
    assert len(mlflow.search_runs([experiment.experiment_id])) == 3
    versions = search_by_tags.find_versions()
    assert [int(version.version) for version in versions] == [2, 1]
    assert len(MlflowClient().search_model_versions("name = 'diabetes'")) == 3
    assert capsys.readouterr().out.endswith(
        "in the UI: /#/experiments/1/runs?searchFilter=tags.model_type%20%3D%20%22sklearn%22\n"
    )


def test_the_alias_names_the_better_version_and_the_tag_finds_it(
    store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The SVR, whose error on the test data is the smaller one."""
    model_registry.main(["--tracking-uri", store])
    client = MlflowClient()
    best = client.get_model_version_by_alias(name="diabetes", alias="best")
    assert client.get_run(str(best.run_id)).info.run_name == "SVR"
    (approved,) = client.search_model_versions(model_registry.APPROVED)
    assert approved.version == best.version
    rejected = client.search_model_versions("tags.`validation-status` = 'rejected'")
    assert [client.get_run(str(one.run_id)).info.run_name for one in rejected] == [
        "RandomForestRegressor"
    ]
    assert "predictions for two patients: [205.0, 215.7]" in capsys.readouterr().out


def test_two_models_answer_on_two_ports(store: str) -> None:
    """MLflow's application for each, here in threads; `mlflow models serve` is in the soak."""
    example_store.use_store(store, "diabetes")
    serve_two_models.register_two()
    patients = diabetes.load_data().x_test.head(3)
    with ExitStack() as stack:
        for name in (serve_two_models.FOREST, serve_two_models.SVR):
            model = mlflow.pyfunc.load_model(f"models:/{name}@best")
            port = stack.enter_context(served(scoring_server.init(model)))
            assert serve_two_models.ask(port, patients) == pytest.approx(model.predict(patients))


@contextmanager
def served(application: Any) -> Iterator[int]:
    """Serve an application in a thread, and yield its port."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(application, port=port, log_level="error"))
    thread = Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
        yield port
    finally:
        server.should_exit = True
        thread.join()


def test_the_fields_of_a_table_are_read_from_the_database(store: str) -> None:
    """As names, or with type, null and key."""
    assert store.endswith(database_schema.DATABASE)
    names = database_schema.get_schema("tags", only_field_names=True)
    assert names == ["key", "value", "run_uuid"]
    fields = database_schema.get_schema("tags").set_index("name")
    assert list(fields.index) == names
    assert fields.loc["key"].to_dict() == {
        "type": "VARCHAR(250)",
        "nullable": False,
        "primary_key": 1,
    }
    assert {"runs", "experiments", "latest_metrics"} <= set(database_schema.get_tables())


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--table", "run"], "no table 'run' in mlruns.db; there are: "),
        (["--table", "runs; DROP TABLE runs"], "no table 'runs; DROP TABLE runs'"),
        (["--database", "other.db"], "other.db: no such database; make one: mlflow run"),
        (["--database", "text.db"], "text.db: "),
    ],
)
def test_a_database_that_cannot_be_read_is_one_line(
    store: str, argv: list[str], words: str
) -> None:
    """It is not created either."""
    assert store
    Path("text.db").write_text("no database, but longer than its header, which has 100 bytes\n" * 9)
    with pytest.raises(database_schema.DatabaseError) as failed:
        database_schema.main(argv)
    assert str(failed.value).startswith(words)
    assert "\n" not in str(failed.value)
    assert not Path("other.db").exists()


def test_a_query_of_the_example_cannot_write(store: str) -> None:
    """The connection is a reading one."""
    assert store
    with pytest.raises(database_schema.DatabaseError, match="readonly"):
        database_schema.query("DELETE FROM experiments RETURNING name")
