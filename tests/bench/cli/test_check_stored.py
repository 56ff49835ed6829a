"""``bench check`` where only the store can be reached."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bench.cli.main import command
from bench.journal.table import read_parquet
from bench.tracking.records.record import Record

Bench = Callable[..., Any]
Check = Callable[..., Any]

STATE = (
    "select run_uuid, name, status, end_time from runs",
    """
    select run_uuid, key, value from tags where key != 'mlflow.bench.writer' and not
    (key = 'mlflow.note.content' and run_uuid in (select run_uuid from tags where value = 'sweep'))
    """,
    "select run_uuid, key, value, is_nan from latest_metrics",
)


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Check:
    """Return a function that checks in this process and returns what was printed, parsed."""

    def run(*arguments: str, code: int = 0) -> Any:
        assert command.main(["check", *arguments, "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return run


def state(database: Path) -> list[Any]:
    """Return what stands in the runs of a database, but who wrote it and what sweeps say."""
    with closing(sqlite3.connect(database)) as reader:
        return [sorted(reader.execute(query).fetchall()) for query in STATE]


def dump(database: Path) -> list[str]:
    """Return all that is in a database."""
    with closing(sqlite3.connect(database)) as reader:
        return list(reader.iterdump())


def tables(folder: Path) -> dict[Path, Any]:
    """Return the rows of the tables among the artifacts, without what needs traces."""
    paths = folder.glob("**/artifacts/results.parquet")
    traced = ["primal_integral", "dual_integral"]
    return {path: read_parquet(path).drop(columns=traced).to_csv() for path in paths}


@pytest.mark.slow
def test_a_store_alone_comes_to_the_same_as_the_journals(
    bench: Bench, check: Check, knapsack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Changes, runs and tables; the second time there is nothing to do, for neither of them."""
    folder = knapsack.parent
    monkeypatch.chdir(folder)
    lies = ("--solver", "fake", "-p", "value=-9,-8", "--jobs", "0")
    bench("sweep", knapsack, *lies, "--seeds", "2", "--name", "several")
    bench("sweep", knapsack, *lies, "--name", "single")
    (folder / "found.txt").write_text("=opt= knapsack -8\n")
    new, stored = ("--solu", "found.txt"), ("--experiment-name", "Default")
    expected = check(*new, "--dry-run")
    assert [one["campaign"] for one in expected["changed"]] == ["several"] * 4 + ["single"] * 2
    with closing(sqlite3.connect("mlflow.db")) as whole, closing(sqlite3.connect("b.db")) as copy:
        whole.backup(copy)

    Path("bench-work").rename("elsewhere")
    before = dump(Path("mlflow.db"))
    assert check(*new, *stored, "--dry-run") == expected
    assert dump(Path("mlflow.db")) == before
    assert check(*new, *stored, "--fail-on", "wrong", code=3) == expected
    after, written = dump(Path("mlflow.db")), tables(folder)
    assert sum("are older than the correction of the verdicts" in line for line in after) == 2
    assert check(*stored)["changed"] == check(*new, *stored)["changed"] == []
    assert dump(Path("mlflow.db")) == after

    Path("elsewhere").rename("bench-work")
    assert check(*new, "--tracking-uri", "sqlite:///b.db") == expected
    assert state(Path("b.db")) == state(Path("mlflow.db"))
    assert tables(folder) == written
    assert check(*new, *stored)["changed"] == []
    assert dump(Path("mlflow.db")) == after


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--experiment-name", "x"], 2, "no experiment 'x' in MLflow; there are: "),
        (["--experiment-name", "Default"], 2, "experiment 'Default' has no results; record some"),
        (
            ["--experiment-name", "x", "--tracking-uri", "sqlite:///no.db"],
            2,
            "the database does not exist",
        ),
        (
            ["--experiment-name", "x", "--tracking-uri", "http://127.0.0.1:9"],
            1,
            "the server does not answer",
        ),
    ],
)
def test_where_there_is_nothing_it_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    empty_store: str,
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    """Neither a journal nor results in the store."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", empty_store)
    assert command.main(["check", *arguments]) == code
    told = capsys.readouterr()
    assert words in told.err
    assert (len(told.err.splitlines()), told.out) == (1, "")


def test_what_is_going_on_is_left_alone(
    empty_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """Its runs belong to the process that writes them."""
    from bench.tracking.mlflow_store import MlflowStore

    monkeypatch.chdir(tmp_path)
    tags = {"bench.kind": "setting", "bench.campaign": "long"}
    store = MlflowStore(empty_store, "busy")
    store.open_setting(Record(name="a", params={}, metrics={}, tags=tags, started_ms=1, ended_ms=1))
    where = ["--tracking-uri", empty_store, "--experiment-name", "busy"]
    assert command.main(["check", *where]) == 0
    assert "long: still running" in capsys.readouterr().err


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the URI of a store with nothing in it."""
    from bench.tracking.mlflow_store import MlflowStore

    uri = f"sqlite:///{tmp_path_factory.mktemp('empty') / 'mlflow.db'}"
    MlflowStore(uri, None)
    return uri
