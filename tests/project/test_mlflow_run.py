"""The project under ``mlflow run``, as a user calls it."""

from __future__ import annotations

import gc
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.commands import mlflow_run
from tests.templates import empty_store

TOP_LEVEL = """
    select r.run_uuid, r.name, r.status, e.name from runs r
    join experiments e on e.experiment_id = r.experiment_id
    where not exists (
        select 1 from tags t where t.run_uuid = r.run_uuid and t.key = 'mlflow.parentRunId')
    order by r.start_time
"""
INSTANCES = "instances/mkp-5x40.lp instances/gap-5x20.lp"


@pytest.fixture
def project(tmp_path: Path, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of what a clone has of the project, but for its tests and documents."""
    folder = tmp_path / "project"
    for name in ("bench", "examples", "instances"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(root / name, folder / name, ignore=ignored)
    for name in ("MLproject", "conda.yaml", "pyproject.toml", "README.md", "requirements.txt"):
        shutil.copy(root / name, folder)
    shutil.copy(empty_store(tmp_path_factory), folder / "mlflow.db")
    return folder


def rows(project: Path, query: str) -> list[Any]:
    """Return the rows of a query on the project's store."""
    with closing(sqlite3.connect(project / "mlflow.db")) as connection:
        return list(connection.execute(query))


@pytest.mark.slow
def test_each_call_leaves_one_top_level_run_in_the_experiment(project: Path) -> None:
    """The run that MLflow made is the setting's run, with its knobs and aggregates."""
    for alpha, kept in (("0.15", "alpha = 0.15 and l1_ratio = 0.001"), ("0.0", "l1_ratio = 0.001")):
        done = mlflow_run(
            project,
            *("-P", f"alpha={alpha}", "-P", f"instances={INSTANCES}"),
            *("-P", "separating/maxrounds=0", "-P", "limits/gap=0.01"),
            *("--experiment-name", "scip"),
        )
        assert f"Note: the MLflow project sets {kept}; stock scip has" in done.out + done.err
    found = rows(project, TOP_LEVEL)
    assert [(status, experiment) for _, _, status, experiment in found] == [
        ("FINISHED", "scip"),
        ("FINISHED", "scip"),
    ]
    for (run_id, name, _, _), alpha in zip(found, ("0.15", "0.0"), strict=True):
        assert name.startswith(f"alpha={float(alpha):g}")
        params = dict(rows(project, f"select key, value from params where run_uuid = '{run_id}'"))
        metrics = dict(
            rows(project, f"select key, value from latest_metrics where run_uuid = '{run_id}'")
        )
        assert params["alpha"] == alpha
        assert params["l1_ratio"] == "0.001"
        assert params["separating/maxrounds"] == "0"
        assert metrics["n_tasks"] == 2
        assert "time_sgm1_s" in metrics
    children = "select distinct value from tags where key = 'mlflow.parentRunId'"
    assert {parent for (parent,) in rows(project, children)} == {found[0][0], found[1][0]}
    sets = rows(
        project, "select value from params where key = 'cutselection/hybrid/objparalweight'"
    )
    assert sorted({float(value) for (value,) in sets}) == pytest.approx([0.0, 0.00015])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("parameter", "words"),
    [
        ("separating/maxround=0", "did you mean"),
        ("instances=nothing.mps", "none of the instances can be executed"),
    ],
)
def test_a_failure_leaves_the_run_failed(project: Path, parameter: str, words: str) -> None:
    """Never RUNNING, and the reason is one line."""
    assert words in mlflow_run(project, "-P", parameter, code=1).err
    assert [status for _, _, status, _ in rows(project, TOP_LEVEL)] == ["FAILED"]


@pytest.mark.soak
def test_it_works_without_conda_through_uv(project: Path) -> None:
    """MLflow builds the environment of conda.yaml with uv."""
    mlflow_run(project, "-P", f"instances={INSTANCES}", manager="uv")
    assert [status for _, _, status, _ in rows(project, TOP_LEVEL)] == ["FINISHED"]


@pytest.mark.slow
def test_it_runs_from_a_git_address(
    project: Path,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    own_temp: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """MLflow clones a repository; the run stands in the caller's store, with the clone's commit."""
    monkeypatch.setattr(tempfile, "tempdir", own_temp["TMPDIR"])  # MLflow leaves its clone there
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@x", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        subprocess.run([*git, *words], cwd=project, check=True)
    subprocess.run([*git, "clone", "-q", "--bare", project, tmp_path / "bare.git"], check=True)
    here = tmp_path / "caller"
    here.mkdir()
    shutil.copy(empty_store(tmp_path_factory), here / "mlflow.db")
    mlflow_run(
        here,
        *("--experiment-name", "scip", "-P", "limits/gap=0.5"),
        *("-P", "instances=instances/mkp-5x40.lp"),
        project="https://git.test/bare.git",
        env={
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.file://{tmp_path}/.insteadOf",
            "GIT_CONFIG_VALUE_0": "https://git.test/",
        },
    )
    gc.collect()  # MLflow's repository has a process of git until then
    ((run_id, _, status, experiment),) = rows(here, TOP_LEVEL)
    assert (status, experiment) == ("FINISHED", "scip")
    head = [*git, "rev-parse", "HEAD"]
    commit = subprocess.run(head, cwd=project, capture_output=True, text=True, check=True)
    tags = dict(rows(here, f"select key, value from tags where run_uuid = '{run_id}'"))
    assert tags["mlflow.source.git.commit"] == commit.stdout.strip()


@pytest.mark.slow
def test_a_sweep_adopts_the_run_as_its_own(project: Path) -> None:
    """The sweep file and what stands over it; parameters that were not given change nothing."""
    mlflow_run(
        project,
        *("-e", "sweep", "-P", "sweep=examples/cuts.yaml", "-P", "seeds=1"),
        *("-P", "instances=instances/mkp-5x40.lp", "-P", "node-limit=1"),
    )
    found = {name: status for _, name, status, _ in rows(project, TOP_LEVEL)}
    settings = {"default", *(f"maxrounds={n}" for n in (0, 1, 2, 6, 10))}
    assert found == dict.fromkeys({"cuts", *settings}, "FINISHED")
