"""A sweep's name can always be continued, whatever has become of its plan."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bench.errors import TrackingError
from bench.journal import manifest, origin
from bench.journal.journal import Journal

pytestmark = pytest.mark.usefixtures("without_mlflow")

Bench = Callable[..., Any]
FAKE = ("--solver", "fake", "--no-lint", "-p", "seconds=0,0.01")


@pytest.fixture
def sweep(knapsack: Path) -> tuple[str | Path, ...]:
    """Return the words of a sweep of two tasks."""
    return ("sweep", knapsack, *FAKE, "--name", "mine")


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """Return the folder of the sweep."""
    return tmp_path / "bench-work" / "mine"


def runs(folder: Path) -> list[tuple[str, str]]:
    """Return kind and status of all runs that MLflow has."""
    query = (
        "select t.value, r.status from runs r join tags t on t.run_uuid = r.run_uuid "
        "where t.key = 'bench.kind' and r.lifecycle_stage = 'active'"
    )
    with closing(sqlite3.connect(folder / "mlflow.db")) as connection:
        return sorted(connection.execute(query).fetchall())


@pytest.mark.slow
@pytest.mark.recorded
def test_a_plan_is_made_again_by_the_same_command(
    bench: Bench, sweep: tuple[str, ...], mine: Path, tmp_path: Path
) -> None:
    """No task is executed again, and MLflow has everything once, under the same id."""
    bench(*sweep)
    before, recorded = manifest.read(mine), runs(tmp_path)
    (mine / "sweep.json").write_bytes((mine / "sweep.json").read_bytes()[:300])
    done = bench(*sweep)
    assert "Note: mine: the plan " in done.err
    assert "is written again; 2 results are kept" in done.err
    assert "nothing left to do" in done.err
    assert Journal(mine).count() == 2
    assert runs(tmp_path) == recorded
    after = manifest.read(mine)
    assert before is not None
    assert after is not None
    assert (after.campaign_id, after.tasks) == (before.campaign_id, before.tasks)


@pytest.mark.slow
def test_other_sweeps_do_not_suffer(
    bench: Bench, sweep: tuple[str, ...], mine: Path, knapsack: Path
) -> None:
    """Commands that do not name it go on; those that do say what to do."""
    bench("sweep", knapsack, *FAKE, "--name", "other")
    bench(*sweep)
    lost = mine.with_name("lost")
    shutil.copytree(mine, lost)
    (lost / "sweep.json").unlink()
    (mine / "sweep.json").write_text("{")
    assert bench("status", "--json").json["name"] == "other"
    for words in (("compare",), ("show", "knapsack"), ("status", "other"), ("check", "other")):
        bench(*words, code=0 if words[0] != "show" else None)
    for words in (("check",), ("sync", "--json")):
        done = bench(*words, code=1)
        assert "(and 1 more)" in done.err
        assert "writes it again" in done.err
    assert {one["name"] for one in json.loads(done.out)} == {"other"}
    for words in (("status", "mine"), ("compare", "lost"), ("sync", "lost"), ("check", "mine")):
        done = bench(*words, code=None)
        assert done.code in {1, 2}
        assert "the results" in done.err


@pytest.mark.parametrize("step", [(manifest, "write"), (origin, "begin")], ids=["plan", "origin"])
def test_a_start_that_failed_is_continued(
    bench: Bench,
    sweep: tuple[str, ...],
    mine: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: tuple[ModuleType, str],
) -> None:
    """Whichever file found the disk full."""

    def fail(*_: object, **__: object) -> None:
        raise TrackingError("cannot write: No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(*step, fail)
        assert "No space left" in bench(*sweep, code=1).err
    assert "its plan" not in bench(*sweep).err
    assert Journal(mine).count() == 2
