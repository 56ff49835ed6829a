"""A sweep continued with another plan: every command counts what is planned, and says so."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bench import api
from bench.execution.cluster.orders import exchange_of
from tests.commands import in_process
from tests.templates import copied, made_once

pytestmark = pytest.mark.usefixtures("without_mlflow")

Bench = Callable[..., Any]
SWEEP = ("sweep", "models", "--solver", "fake", "--name", "edited", "--experiment-name", "E")
ALL = ("--setting", "slow: code=2", "--setting", "fast: code=3", "--setting", "other: code=4")
LESS = ("--setting", "slow: code=2", "--setting", "fast: code=5")
LINE = (
    "edited: 6 results of an earlier plan are left out: 2 setting dropped (other), "
    "2 setting redefined (fast), 1 instance dropped (b), 1 content changed (a)"
)
MLFLOW_LINE = "E: 2 setting runs are left out, because they belong to an earlier plan: "


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, knapsack_text: str) -> Path:
    """Return a folder with a sweep of 3 settings x 2 instances that was edited and continued.

    One setting and one instance were dropped, another setting was redefined, and the other
    instance was changed: two tasks, of which none had a result.
    """

    def sweep_and_edit(folder: Path) -> None:
        models = folder / "models"
        models.mkdir()
        for name in "ab":
            (models / f"{name}.mps").write_text(knapsack_text)
        in_process(folder, *SWEEP, *ALL)
        (models / "b.mps").unlink()
        (models / "a.mps").write_text(f"* changed\n{knapsack_text}")
        assert f"Note: {LINE}\n" in in_process(folder, *SWEEP, *LESS).err

    return made_once(tmp_path_factory, "edited", sweep_and_edit)


@pytest.fixture
def edited(original: Path, tmp_path: Path) -> Path:
    """Return a copy of the folder with the edited sweep, in which commands are executed."""
    return copied(original, tmp_path)


def rows(folder: Path, query: str) -> list[Any]:
    """Return what a query finds in the store."""
    with closing(sqlite3.connect(folder / "mlflow.db")) as reader:
        return reader.execute(query).fetchall()


@pytest.mark.slow
@pytest.mark.usefixtures("edited")
def test_every_command_counts_the_plan_and_says_what_is_left_out(
    bench: Bench, tmp_path: Path
) -> None:
    """In its text, and where it writes JSON, there."""
    state = bench("status", "--json").json
    assert [one["finished"] for one in state["settings"]] == [1, 1]
    assert (state["state"], sum(state["left_out"].values())) == ("done", 6)
    compared = bench("compare", "edited", "--format", "json")
    found = compared.json
    assert set(found["settings"]) == {"slow", "fast"}
    assert LINE in found["notes"]
    assert found["basis"]["n_results"] == 2
    gate = bench("gate", "edited", "--baseline", "slow", "--candidate", "fast", "--allow-undecided")
    plot = bench("plot", "profile", "edited", "-o", "a.svg")
    page = bench("report", "edited", "-o", "a.html")
    table = bench("export", "edited")
    check = bench("check", "edited", "--dry-run", "--json")
    sync = bench("sync", "edited", "--tracking-uri", "sqlite:///other.db")
    for ended in (bench("status"), compared, gate, plot, page, table, check, sync):
        assert ended.err.count(f"Note: {LINE}\n") == 1
    assert LINE in (tmp_path / "a.html").read_text()
    assert len(table.out.splitlines()) == 1 + 2
    assert check.json["checked"] == 2
    frame = api.results("edited", work_dir=tmp_path / "bench-work")
    assert sorted(frame["setting"]) == ["fast", "slow"]
    assert LINE in str(api.compare(frame))


@pytest.mark.slow
@pytest.mark.usefixtures("edited")
def test_a_single_result_is_shown_with_why_it_does_not_count(bench: Bench) -> None:
    """One that is planned is shown alone, others where nothing planned fits."""
    planned = bench("show", "a", "--setting", "slow", "--json")
    (shown,) = planned.json
    assert shown["left_out"] is None
    assert planned.err == f"Note: using edited, the last one worked on\nNote: {LINE}\n"
    (shown,) = bench("show", "b", "--setting", "slow", "--json").json
    assert shown["left_out"] == "instance dropped"
    by_key = bench("show", shown["key"][:12])
    assert "is not counted, because the current plan of the sweep does not contain it" in by_key.err


@pytest.mark.slow
def test_mlflow_counts_the_plan_too(bench: Bench, edited: Path) -> None:
    """Runs of what is left out stay, tagged; a comparison of the experiment leaves them out."""
    runs = rows(edited, "select run_uuid, name, status from runs where lifecycle_stage = 'active'")
    assert [status for _, name, status in runs if name == "edited"] == ["FINISHED"]
    tags = rows(edited, "select run_uuid, key, value from tags where key = 'bench.left_out'")
    assert Counter(value for _, _, value in tags) == {
        "setting dropped": 3,
        "setting redefined": 3,
        "instance dropped": 1,
        "content changed": 1,
    }
    counted = {run_id for run_id, _, _ in runs} - {run_id for run_id, _, _ in tags}
    metrics = rows(edited, "select run_uuid, value from latest_metrics where key = 'n_tasks'")
    assert sorted(value for run_id, value in metrics if run_id in counted) == [1, 1, 2]
    compared = bench("compare", "--experiment-name", "E", "--format", "json")
    assert compared.json["basis"]["n_results"] == 2
    assert MLFLOW_LINE in compared.err
    stored = ("check", "--experiment-name", "E", "--work-dir", "nowhere", "--dry-run", "--json")
    checked = bench(*stored)
    assert checked.json["checked"] == 2
    assert "edited: setting runs of an earlier plan are left out: " in checked.err


@pytest.mark.slow
@pytest.mark.recorded
def test_what_comes_back_counts_again_without_being_executed(
    bench: Bench, edited: Path, knapsack_text: str
) -> None:
    """The first plan again: its six results count, and the two of the second do not."""
    for name in "ab":
        (edited / "models" / f"{name}.mps").write_text(knapsack_text)
    again = bench(*SWEEP, *ALL)
    assert "nothing left to do, all of its tasks are finished (6)" in again.err
    assert "2 results of an earlier plan are left out: 1 setting redefined (fast), 1 content" in (
        again.err
    )
    (journal,) = edited.glob("bench-work/*/journal.jsonl")
    assert len(journal.read_text().splitlines()) == 8
    tags = rows(edited, "select value from tags where key = 'bench.left_out'")
    assert Counter(value for (value,) in tags) == {"setting redefined": 1, "content changed": 1}
    assert json.loads(bench("compare", "--format", "json").out)["basis"]["n_results"] == 6


@pytest.mark.slow
def test_a_plan_without_any_result_says_that_there_are_others(bench: Bench, edited: Path) -> None:
    """All of them are of an earlier plan."""
    manifest = next(edited.glob("bench-work/*/sweep.json"))
    plan = json.loads(manifest.read_text())
    plan["tasks"] = [{**plan["tasks"][0], "key": "0" * 64}]
    manifest.write_text(json.dumps(plan))
    for source in ("edited",), ():
        ended = bench("compare", *source, code=2)
        assert "edited: 8 results of an earlier plan are left out: " in ended.err
        assert "the current plan has no results yet" in ended.err


def test_tasks_that_a_cluster_may_still_execute_have_other_folders_here(edited: Path) -> None:
    """Its jobs may begin at any time, and would remove the files of this machine's execution."""
    work = edited / "bench-work" / "edited"
    before = set((work / "tasks").iterdir())
    exchange_of(work).mkdir()
    in_process(edited, *SWEEP, *LESS, "--seeds", "2")
    made = {path.name for path in set((work / "tasks").iterdir()) - before}
    assert len(made) == 2
    assert all("execution3" in name for name in made)
