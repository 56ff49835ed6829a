"""The entry points of MLproject that call bench, as ``mlflow run . -e NAME`` executes them."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from mlflow import MlflowClient

from bench.cli.main import MODULES, command
from tests.commands import in_process, mlflow_run
from tests.templates import empty_store

ROOT = Path(__file__).parent.parent.parent
ENTRY_POINTS = {
    name: entry
    for name, entry in yaml.safe_load((ROOT / "MLproject").read_text())["entry_points"].items()
    if "examples/mlflow/" not in entry["command"]
}
INSTANCES = "instances/mkp-5x40.lp instances/gap-5x20.lp"
SWEEP = f"sweep {INSTANCES} -p separating/maxrounds=0,5 --node-limit 1 --name mine"
RUNS = (
    "compare -P source=mine -P subset=all -P shift=10 -P output_dir=out/comparison",
    "db -P instances=instances/mkp-5x40.lp -P limits/nodes=1 -P experiment=nightly",
    "compare -P source=theirs",
)
"""The last one fails."""
ADOPTED = {
    "report": {"source": "mine", "output": "out/page.html"},
    "check": {"sweep": "mine", "fail_on": "wrong,failed"},
}
"""Those whose command is executed in this process, on a run that is there already."""


class Project:
    """A copy of the project in which all of that has been executed."""

    def __init__(self, folder: Path, err: str) -> None:
        """Take the folder, and what was said on stderr."""
        self.folder = folder
        self.err = err

    def query(self, statement: str, database: str = "team.db") -> list[Any]:
        """Return the rows of a query on a store."""
        with closing(sqlite3.connect(self.folder / database)) as connection:
            return list(connection.execute(statement))

    def runs(self, entry_point: str) -> list[tuple[str, str, str]]:
        """Return id, status and folder of artifacts of the runs of an entry point, in order."""
        return self.query(
            "select r.run_uuid, r.status, r.artifact_uri from runs r join tags t "
            "on t.run_uuid = r.run_uuid and t.key = 'mlflow.project.entryPoint' "
            f"where t.value = '{entry_point}' order by r.start_time"
        )

    def of_run(self, run_id: str, part: str) -> dict[str, Any]:
        """Return its tags or metrics (the table's name)."""
        return dict(self.query(f"select key, value from {part} where run_uuid = '{run_id}'"))


def artifact(uri: str, name: str) -> Path:
    """Return a file of a run."""
    return Path(unquote(urlsplit(uri).path)) / name


def words_of(name: str, given: Mapping[str, str]) -> list[str]:
    """Return the words after ``python -m bench`` that an entry point makes of its parameters."""
    defaults = {key: each["default"] for key, each in ENTRY_POINTS[name]["parameters"].items()}
    quoted = {key: shlex.quote(str(value)) for key, value in (defaults | dict(given)).items()}
    return shlex.split(ENTRY_POINTS[name]["command"].format(**quoted))[3:]


@pytest.fixture
def project(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Execute every entry point once, in an environment that names a store."""
    folder = tmp_path / "project"
    (folder / "out").mkdir(parents=True)
    for name in ("bench", "instances"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("MLproject", "conda.yaml"):
        shutil.copy(ROOT / name, folder)
    shutil.copy(empty_store(tmp_path_factory), folder / "mlruns.db")
    store = {"MLFLOW_TRACKING_URI": f"sqlite:///{folder / 'team.db'}"}
    in_process(folder, *SWEEP.split(), env=store)
    client = MlflowClient(store["MLFLOW_TRACKING_URI"])
    for name, given in ADOPTED.items():
        run = client.create_run("0", tags={"mlflow.project.entryPoint": name})
        in_process(folder, *words_of(name, given), env=store | {"MLFLOW_RUN_ID": run.info.run_id})
    *runs, failing = RUNS
    for words in runs:
        mlflow_run(folder, "--experiment-name", "scip", "-e", *words.split(), env=store)
    failed = mlflow_run(
        folder, "--experiment-name", "scip", "-e", *failing.split(), env=store, code=1
    )
    return Project(folder, failed.err)


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_an_entry_point_hands_over_all_its_parameters(name: str) -> None:
    """To a command that exists, as options that it has."""
    entry = ENTRY_POINTS[name]
    assert set(re.findall(r"{(\w+)}", entry["command"])) == set(entry["parameters"])
    word = re.search(r"-m bench (\w+)", entry["command"])
    assert word is not None
    assert word[1] in MODULES
    taken = command.get_command(None, word[1])  # type: ignore[arg-type]
    assert taken is not None
    options = {option for parameter in taken.params for option in parameter.opts}
    assert set(re.findall(r" (--[\w-]+)", entry["command"])) <= options


@pytest.mark.slow
def test_each_entry_point_leaves_on_its_run_what_it_is_for(project: Project) -> None:
    """One test for all of them: they share a project, and what it costs to prepare it."""
    compare_leaves_tables_figures_and_key_numbers(project)
    report_leaves_its_page(project)
    check_says_what_it_has_found(project)
    db_records_in_its_own_database_whatever_the_environment_says(project)
    one_without_its_inputs_fails_in_one_line(project)


def compare_leaves_tables_figures_and_key_numbers(project: Project) -> None:
    """Say that the run that MLflow made has them, and the folder that was asked for."""
    (run_id, status, uri), _ = project.runs("compare")
    metrics, tags = project.of_run(run_id, "latest_metrics"), project.of_run(run_id, "tags")
    found = json.loads(artifact(uri, "comparison.json").read_text())
    own = found["tables"][0]["rows"][1]
    assert status == "FINISHED"
    assert (tags["bench.kind"], tags["bench.source"], tags["bench.shift"]) == (
        *("comparison", "mine"),
        "10.0",
    )
    assert own["setting"] == "maxrounds=5"
    assert metrics["ratio/maxrounds_5"] == pytest.approx(own["against"]["ratio"], rel=1e-5)
    assert found["words"][0] in tags["mlflow.note.content"]
    kept = {path.name: path.read_bytes() for path in artifact(uri, "").iterdir()}
    folder = project.folder / "out" / "comparison"
    assert kept.pop("environment.csv").startswith(b"name,value\n")
    assert kept == {path.name: path.read_bytes() for path in folder.iterdir()}
    assert {"comparison.md", "comparison.csv", "profile.svg"} < set(kept)


def report_leaves_its_page(project: Project) -> None:
    """Say that its run has the same that stands in the file."""
    ((run_id, _, uri),) = project.runs("report")
    assert project.of_run(run_id, "tags")["bench.kind"] == "report"
    page = artifact(uri, "page.html").read_text()
    assert page == (project.folder / "out" / "page.html").read_text()
    assert "maxrounds=5" in page


def check_says_what_it_has_found(project: Project) -> None:
    """Say that four results were judged, and that the sweep's runs are those that were there."""
    ((run_id, _, uri),) = project.runs("check")
    metrics = project.of_run(run_id, "latest_metrics")
    assert (metrics["n_checked"], metrics["n_changed"], metrics["verdict/limit"]) == (4, 0, 4)
    assert json.loads(artifact(uri, "changes.json").read_text())["changed"] == []
    kinds = project.query("select count(*) from tags where key = 'bench.kind' and value = 'task'")
    assert kinds == [(4,)]


def db_records_in_its_own_database_whatever_the_environment_says(project: Project) -> None:
    """Say that the run in the store of the environment has nothing of it."""
    ((run_id, status, _),) = project.runs("db")
    assert status == "FINISHED"
    assert "bench.kind" not in project.of_run(run_id, "tags")
    recorded = (
        "select e.name, r.status, p.value from runs r join experiments e using (experiment_id) "
        "join params p on p.run_uuid = r.run_uuid and p.key = 'alpha'"
    )
    assert project.query(recorded, "mlruns.db") == [("nightly", "FINISHED", "0.15")]


def one_without_its_inputs_fails_in_one_line(project: Project) -> None:
    """Say that its run does not stay RUNNING either."""
    assert [status for _, status, _ in project.runs("compare")] == ["FINISHED", "FAILED"]
    said = [line for line in project.err.splitlines() if line.startswith("Error: ")]
    assert [line.partition("; ")[0] for line in said] == ["Error: no sweep 'theirs' in bench-work"]
    assert "bench/cli" not in project.err
