"""``--record``: what of a model leaves the machine."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from bench import api
from bench.journal.journal import Journal
from bench.journal.manifest import MANIFEST
from bench.journal.origin import ORIGIN
from bench.model.record_level import RecordLevel
from bench.solvers import registry
from tests.commands import in_process

Bench = Callable[..., Any]
At = Callable[[RecordLevel], None]
NOBODY = "http://127.0.0.1:9"

SECRETS = ("SECRETCOL", "SECRETROW", "SECRETSET", "SECRETPROBLEM")
MODEL = """\
* SECRETPROBLEM of customer
NAME SECRETPROBLEM
ROWS
 N SECRETROW_cost
 L SECRETROW_room
 N SECRETROW_free
COLUMNS
 M1 'MARKER' 'INTORG'
 SECRETCOL_a SECRETROW_cost -5 SECRETROW_room 4
 SECRETCOL_b SECRETROW_cost -4 SECRETROW_room 3
 SECRETCOL_c SECRETROW_cost -3 SECRETROW_room 2
 M2 'MARKER' 'INTEND'
RHS
 SECRETSET SECRETROW_room 6 SECRETROW_other 1
RANGES
 SECRETSET SECRETROW_free 2
BOUNDS
 UP BND SECRETCOL_a 1
 UP BND SECRETCOL_b 1
 UP BND SECRETCOL_c 1
ENDATA
"""
"""Optimum -8; the lint quotes its names."""
TEXTS = {"details.csv", "environment.csv"}
ARTIFACTS = {
    RecordLevel.TABLES: {"results.parquet", "report.html", *TEXTS},
    RecordLevel.LOGS: {"solver.log", "statistics.json.gz", "verification.json"},
    RecordLevel.ALL: {"solution.sol", "changed.set", "sweep.json", "s.yaml"},
}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Return a model with names that nobody may see."""
    path = tmp_path / "m.mps"
    path.write_text(MODEL)
    return path


def secrets_in(*places: Path) -> dict[str, set[str]]:
    """Return the secrets that stand in files, packed or not, by the name of each."""
    import pyarrow.parquet as pq

    found: dict[str, set[str]] = {}
    files = [one for place in places for one in ([place] if place.is_file() else place.rglob("*"))]
    for file in files:
        if not file.is_file():
            continue
        content = file.read_bytes()
        if file.suffix == ".parquet":
            content += str(pq.read_table(file).to_pylist()).encode()
        if known := {one for one in SECRETS if one.encode() in content}:
            found[file.name] = known
    return found


def artifacts(database: Path) -> set[str]:
    """Return the names of all artifacts of a store."""
    with closing(sqlite3.connect(database)) as connection:
        uris = [uri for (uri,) in connection.execute("select artifact_uri from runs")]
    folders = [Path(uri.removeprefix("file://")) for uri in uris]
    return {file.name for folder in folders for file in folder.rglob("*") if file.is_file()}


def store_of(folder: Path) -> tuple[Path, ...]:
    """Return all files of the store in a folder."""
    return (
        tuple(folder.glob("*.db*"))
        + tuple(folder.glob("mlartifacts"))
        + tuple(folder.glob("mlruns"))
    )


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the work folder of a sweep whose solver quotes names, recorded nowhere yet."""
    folder = tmp_path_factory.mktemp("executed")
    (folder / "m.mps").write_text(MODEL)
    (folder / "s.yaml").write_text("name: mine  # SECRETPROBLEM\ninstances: m.mps\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(registry.BUILT_IN, "talkative", "tests.plug_in_solvers:Talkative")
        patch.chdir(folder)
        api.sweep(
            "s.yaml",
            solver="talkative",
            params={"code": [1, 2]},
            seeds=2,
            jobs=0,
            tracking_uri=NOBODY,
        )
    assert Journal(folder / "bench-work" / "mine").count() == 4
    return folder


@pytest.fixture
def at_level(executed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> At:
    """Return a function that brings the sweep to a store, as if it had been declared so."""
    monkeypatch.setitem(registry.BUILT_IN, "talkative", "tests.plug_in_solvers:Talkative")
    shutil.copytree(executed, tmp_path, dirs_exist_ok=True)

    def sync(level: RecordLevel) -> None:
        for name in (MANIFEST, ORIGIN):
            file = tmp_path / "bench-work" / "mine" / name
            content = json.loads(file.read_text())
            assert content["record"] == "all"
            file.write_text(json.dumps(content | {"record": level}))
        in_process(tmp_path, "sync", "mine", "--tracking-uri", "sqlite:///mlflow.db")

    return sync


@pytest.mark.slow
@pytest.mark.parametrize("level", RecordLevel)
def test_a_store_has_what_the_level_says_and_not_a_name_more(
    bench: Bench, tmp_path: Path, at_level: At, level: RecordLevel
) -> None:
    """Names stand in answers, errors, logs, solutions, checks and the lint of the results."""
    at_level(level)
    done, found = artifacts(tmp_path / "mlflow.db"), secrets_in(*store_of(tmp_path))
    for needed, names in ARTIFACTS.items():
        assert names <= done if level.includes(needed) else not names & done
    if level is RecordLevel.NONE:
        assert not done
    assert bool(found) == level.has_texts
    if level.has_texts:
        assert {"mlflow.db", "results.parquet", "solver.log"} <= found.keys()
    else:
        what_is_made_of_results_has_no_names_either(bench, tmp_path, level)


def what_is_made_of_results_has_no_names_either(
    bench: Bench, folder: Path, level: RecordLevel
) -> None:
    """Say so of a comparison, a report and a check on runs of their own."""
    client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    (folder / "new.solu").write_text("=opt= m -7\n")
    for command, *options in (("compare",), ("report",), ("check", "--solu", "new.solu")):
        run_id = client.create_run(client.create_experiment(command)).info.run_id
        env = {"MLFLOW_RUN_ID": run_id, "MLFLOW_TRACKING_URI": "sqlite:///mlflow.db"}
        bench(command, "mine", *options, env=env, code=None)
        assert client.get_run(run_id).data.tags["bench.kind"].startswith(command[:6])
        assert bool(client.list_artifacts(run_id)) == (level is RecordLevel.TABLES)
        assert secrets_in(*store_of(folder)) == {}
    assert secrets_in(folder / "bench-work")


@pytest.mark.slow
def test_what_was_said_first_holds_for_what_comes_later(
    bench: Bench, model: Path, tmp_path: Path
) -> None:
    """A continued sweep, a sync to another store; a plan or an origin that is lost; damage."""
    words = ("sweep", model, "--name", "mine", "-j", "1")
    bench(*words, env={"BENCH_RECORD": "none"})
    bench(*words, "--seeds", "2")
    folder = tmp_path / "bench-work" / "mine"
    assert json.loads((folder / MANIFEST).read_text())["record"] == "none"
    (folder / ORIGIN).write_text("{")
    bench("sync", "mine", "--tracking-uri", "sqlite:///other.db")
    assert artifacts(tmp_path / "other.db") == artifacts(tmp_path / "mlflow.db") == set()
    assert secrets_in(*store_of(tmp_path)) == {}
    done = bench("compare", "--experiment-name", "Default", code=2)
    assert "--record none" in done.err
    bench(*words, "--seeds", "3", "--record", "all")
    assert "solution.sol" in artifacts(tmp_path / "mlflow.db")


@pytest.mark.slow
def test_a_run_and_an_import_may_be_recorded_without_files(
    bench: Bench, model: Path, tmp_path: Path
) -> None:
    """The options are the same."""
    bench("run", model, "-j", "1", "--record", "tables")
    log = next((tmp_path / "bench-work").glob("run-*/tasks/*/solver.log"))
    (tmp_path / "solver.out").write_text(
        f"@01 m.mps ===========\n{log.read_text()}\nSECRETROW_room is odd\n=ready=\n"
    )
    bench("import", "solver.out", "--record", "none", "--skip-unreadable", code=None)
    assert artifacts(tmp_path / "mlflow.db") == {"bounds.svg", "results.parquet", *TEXTS}
    assert secrets_in(*store_of(tmp_path)) == {}


def test_a_level_that_there_is_not_is_refused(bench: Bench, model: Path, tmp_path: Path) -> None:
    """On the command line and in a sweep file."""
    assert "'some' is not one of" in bench("run", model, "--record", "some", code=2).err
    (tmp_path / "s.yaml").write_text("instances: m.mps\nrecord: some\n")
    assert "s.yaml:2: record: 'some': expected 'none'" in bench("sweep", "s.yaml", code=2).err
