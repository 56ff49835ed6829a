"""``bench sync``, executed as a user does."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bench.journal.journal import JOURNAL, Journal

Bench = Callable[..., Any]
NOBODY = "http://127.0.0.1:9"


def kinds(database: Path) -> Counter[tuple[str, str]]:
    """Return kind and status of all runs of a store."""
    query = """
        select t.value, r.status from runs r
        join tags t on t.run_uuid = r.run_uuid and t.key = 'bench.kind'
        where r.lifecycle_stage = 'active'
    """
    with closing(sqlite3.connect(database)) as connection:
        return Counter(connection.execute(query).fetchall())


@pytest.fixture(scope="session")
def refused_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run of two tasks that no server has taken."""
    folder = tmp_path_factory.mktemp("refused")
    (folder / "x.lp").write_text("min\n x\nst\n a: x >= 2\nend\n")
    command = [sys.executable, "-m", "bench", "run", "x.lp", "--seeds", "2"]
    done = subprocess.run([*command, "--tracking-uri", NOBODY], cwd=folder, check=False)
    assert done.returncode == 1
    (found,) = (folder / "bench-work").glob("run-*")
    return found


@pytest.fixture
def undelivered(refused_run: Path, tmp_path: Path) -> Path:
    """Return a copy of that folder in the work folder of the test."""
    return Path(shutil.copytree(refused_run, tmp_path / "bench-work" / refused_run.name))


@pytest.mark.slow
def test_what_no_server_took_is_delivered_once(
    bench: Bench, undelivered: Path, tmp_path: Path
) -> None:
    """Again and again, to any store; one line a campaign."""
    for uri, new, already in (("one", 2, 0), ("one", 0, 2), ("two", 2, 0)):
        done = bench("sync", "--tracking-uri", f"sqlite:///{uri}.db")
        assert done.out == f"{undelivered.name}: {new} uploaded, {already} already there\n"
    for store in ("one.db", "two.db"):
        assert kinds(tmp_path / store) == {("setting", "FINISHED"): 1, ("task", "FINISHED"): 2}


@pytest.mark.slow
def test_results_go_where_they_were_meant_to_go(bench: Bench, undelivered: Path) -> None:
    """The address need not be typed again; who does not answer there is one line."""
    done = bench("sync", undelivered, code=1)
    (line,) = done.err.splitlines()
    assert line.startswith(f"Error: MLflow at {NOBODY}: the server does not answer")
    assert done.out == ""


def test_a_campaign_that_was_delivered_while_it_went_on_is_there_already(
    bench: Bench, knapsack: Path
) -> None:
    """In its own experiment, with the address from when it was executed."""
    bench("run", knapsack, "--tracking-uri", "sqlite:///my.db", "--experiment-name", "scip")
    done = bench("sync", "--json")
    (found,) = done.json
    assert (found["new"], found["already"], found["refused"]) == (0, 1, [])
    assert found["tracking_uri"].endswith("my.db")
    assert kinds(knapsack.parent / "my.db") == {("setting", "FINISHED"): 1}


@pytest.mark.slow
def test_another_experiment_gets_everything(bench: Bench, undelivered: Path) -> None:
    """It has nothing of it yet."""
    for experiment in ("a", "b"):
        arguments = ("--tracking-uri", "sqlite:///m.db", "--experiment-name", experiment, "--json")
        (found,) = bench("sync", undelivered.name, *arguments).json
        assert found["new"] == 2


@pytest.mark.slow
def test_a_sweep_that_goes_on_is_left_alone(bench: Bench, undelivered: Path) -> None:
    """Two writers would write everything twice; the others are delivered."""
    shutil.copytree(undelivered, undelivered.with_name("other"))
    with Journal(undelivered):
        done = bench("sync", "--tracking-uri", "sqlite:///m.db")
    assert f"{undelivered.name}: still running" in done.err
    assert len(done.out.splitlines()) == 1


@pytest.mark.slow
def test_a_torn_last_line_is_repaired(bench: Bench, undelivered: Path) -> None:
    """The machine went down while it was written."""
    journal = undelivered / "journal.jsonl"
    whole = journal.read_bytes()
    journal.write_bytes(whole + whole[:100])
    (found,) = bench("sync", "--tracking-uri", "sqlite:///m.db", "--json").json
    assert found["new"] == 2
    assert journal.read_bytes() == whole


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "there are no results in this folder; see --work-dir"),
        (["nothing"], "has this name, and it is not the folder of a sweep"),
        (["--work-dir", "nowhere"], "there are no results in this folder"),
    ],
)
def test_nothing_to_deliver_is_a_usage_error(
    bench: Bench, arguments: list[str], words: str
) -> None:
    """One line, and no store is made."""
    done = bench("sync", *arguments, code=2)
    assert words in done.err
    assert len(done.err.splitlines()) == 1


def test_a_damaged_journal_is_mended_before_sync_is_repeated(
    bench: Bench, undelivered: Path
) -> None:
    """To repeat it alone changes nothing."""
    journal = undelivered / JOURNAL
    journal.write_bytes(b"{}\n" + journal.read_bytes())
    done = bench("sync", "--tracking-uri", "sqlite:///my.db", code=1)
    (line,) = done.err.splitlines()
    assert "line 1 is damaged" in line
    assert "bench check --repair" in line
    assert line.endswith("; then execute bench sync again")
