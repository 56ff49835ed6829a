"""Which experiment and which run of MLflow a command uses: by name, by id, or of its own."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from tests.templates import empty_store

Bench = Callable[..., Any]

CSV = """problem,config,seconds,status,objective
a,slow,2,optimal,1
a,fast,1,optimal,1
b,slow,4,optimal,2
b,fast,2,optimal,2
"""
KINDS = """
    select r.experiment_id, t.value from runs r join tags t using (run_uuid)
    where t.key = 'bench.kind' and t.value != 'task' and r.lifecycle_stage = 'active'
    order by 1, 2
"""
SWEEP = ["setting", "setting", "sweep"]


@pytest.fixture
def client(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> MlflowClient:
    """Return a client of a store in the working folder, beside a table to import."""
    (tmp_path / "mine.csv").write_text(CSV)
    shutil.copyfile(empty_store(tmp_path_factory), tmp_path / "mlflow.db")
    return MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")


@pytest.fixture
def take(bench: Bench, client: MlflowClient) -> Bench:
    """Return a function that imports the table as results."""
    assert client is not None
    columns = "instance=problem,setting=config,time=seconds,primal=objective"
    return lambda *words, **options: bench(
        *("import", "mine.csv", "--time-limit", "60", "--map", columns, *words), **options
    )


def kinds(folder: Path, experiment_id: str) -> list[str]:
    """Return the kinds of runs but those of tasks in an experiment."""
    with closing(sqlite3.connect(folder / "mlflow.db")) as database:
        rows = database.execute(KINDS).fetchall()
    return [kind for found, kind in rows if str(found) == experiment_id]


@pytest.mark.slow
def test_an_experiment_is_chosen_by_mlflows_variable(
    take: Bench, bench: Bench, client: MlflowClient, tmp_path: Path
) -> None:
    """To record in it and to read from it; an unknown id is never the default experiment."""
    one = client.create_experiment("one")
    env = {"MLFLOW_EXPERIMENT_ID": one}
    take(env=env)
    assert kinds(tmp_path, one) == SWEEP
    assert "fast" in bench("compare", env=env).out
    unknown = {"MLFLOW_EXPERIMENT_ID": "99"}
    assert "no experiment has this id" in bench("compare", env=unknown, code=2).err
    assert "no experiment has this id" in take("--name", "lost", env=unknown, code=1).err
    assert "no experiment has this id" in bench("sync", "lost", code=1).err
    assert kinds(tmp_path, "0") == []
    bench("sync", "lost", "--experiment-name", "one")
    assert kinds(tmp_path, one) == sorted(2 * SWEEP)


@pytest.mark.slow
def test_an_id_and_a_name_that_contradict_each_other_are_refused(
    take: Bench, bench: Bench, client: MlflowClient, tmp_path: Path
) -> None:
    """Wherever the name comes from."""
    one, two = client.create_experiment("one"), client.create_experiment("two")
    env, words = {"MLFLOW_EXPERIMENT_ID": one}, "is experiment 'one', but"
    assert words in take("--experiment-name", "two", env=env, code=1).err
    both = env | {"MLFLOW_EXPERIMENT_NAME": "two"}
    for command in (["compare"], ["export"], ["check"], ["db", "runs"]):
        assert words in bench(*command, env=both, code=None).err
    assert kinds(tmp_path, one) == kinds(tmp_path, two) == []
    take("--experiment-name", "one", env=env)
    assert kinds(tmp_path, one) == SWEEP


@pytest.mark.slow
def test_a_renamed_experiment_is_found_again(
    take: Bench, bench: Bench, client: MlflowClient, tmp_path: Path
) -> None:
    """The same command goes on in it, and a check knows its journals."""
    take("--experiment-name", "old")
    client.rename_experiment("1", "new")
    (tmp_path / "mine.csv").write_text(f"{CSV}c,fast,3,optimal,3\n")
    take("--experiment-name", "old")
    bench("sync")
    assert client.get_experiment_by_name("old") is None
    assert kinds(tmp_path, "1") == SWEEP
    (tmp_path / "other.solu").write_text("=opt= a 7\n")
    for name in ("new", "old"):
        found = bench("check", "--experiment-name", name, "--solu", "other.solu", "--dry-run")
        assert "--sweep mine" in found.err


@pytest.mark.slow
def test_a_deleted_experiment_is_named_as_deleted_by_every_command(
    take: Bench, bench: Bench, client: MlflowClient
) -> None:
    """With the command that restores it."""
    gone = ("--experiment-name", "gone")
    take(*gone)
    run_id = client.search_runs(["1"], "tags.`bench.kind` = 'sweep'")[0].info.run_id
    client.delete_experiment("1")
    words = "experiment 'gone' was deleted; "
    for command in (
        *(["compare"], ["report"], ["gate", "--candidate", "fast"], ["export"]),
        *(["plot", "profile", "-o", "x.svg"], ["check"], ["db", "runs"], ["sync"]),
    ):
        done = bench(*command, *gone, code=None)
        assert done.code in {1, 2}
        assert words in done.err
        assert "restore --experiment-id 1" in done.err
    assert words in take(*gone, "--name", "again", code=1).err
    assert words in bench("compare", env={"MLFLOW_EXPERIMENT_ID": "1"}, code=2).err
    assert "was deleted; restore it" in bench("compare", "--run-id", run_id, code=2).err


@pytest.mark.slow
def test_a_run_is_taken_once(
    take: Bench, bench: Bench, client: MlflowClient, tmp_path: Path
) -> None:
    """A project may call bench several times: later results get runs of their own, with a word."""
    one = client.create_experiment("one")
    run_id = client.create_run(one).info.run_id
    env = {"MLFLOW_RUN_ID": run_id, "MLFLOW_EXPERIMENT_ID": one}
    words = f"Warning: run {run_id} (MLFLOW_RUN_ID) already has other results of bench"
    assert "Warning" not in take(env=env).err
    assert client.get_run(run_id).data.tags["bench.kind"] == "setting"
    before = client.get_run(run_id).to_dictionary()
    assert "Warning" not in take(env=env).err
    assert take("--name", "second", env=env).err.count(words) == 1
    for command in (["compare", "mine"], ["report", "mine"], ["check"]):
        assert words in bench(*command, env=env).err
    assert "Warning" not in bench("sync").err
    own = sorted([*2 * SWEEP, "check", "comparison", "report"])
    assert kinds(tmp_path, one) == own
    assert client.get_run(run_id).to_dictionary() == before


@pytest.mark.slow
def test_a_run_of_another_store_is_not_needed(
    take: Bench, bench: Bench, client: MlflowClient, tmp_path: Path
) -> None:
    """A variable was left in the environment."""
    env = {"MLFLOW_RUN_ID": "0123456789abcdef0123456789abcdef"}
    words = "does not exist in this store; it stays unchanged"
    assert words in take("--experiment-name", "one", env=env).err
    assert kinds(tmp_path, "1") == SWEEP
    assert words in bench("compare", "mine", env=env).err
    assert kinds(tmp_path, "0") == ["comparison"]
    assert client.get_experiment("1").name == "one"
