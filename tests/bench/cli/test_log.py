"""``bench log``, executed as a user would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.model.workspace import Workspace
from tests.bench.conftest import MakeCampaign

pytestmark = pytest.mark.usefixtures("without_mlflow")

Bench = Callable[..., Any]


@pytest.fixture
def sweep(make_campaign: MakeCampaign) -> Path:
    """Return the folder of a sweep with two settings and two seeds, of which one has no result."""
    return make_campaign("cuts", n_seeds=2, n_results=3)


def test_one_task_is_printed_as_the_solver_wrote_it(bench: Bench, sweep: Path) -> None:
    """Chosen by setting and seed; the note says in which sweep."""
    ended = bench("log", "p0033", "--setting", "a", "--seed", "0")
    assert ended.out == "SCIP Status: problem is solved\n"
    assert "Note: using cuts, the last one worked on" in ended.err
    path = bench("log", "p0033", "--setting", "a", "--seed", "0", "--path").out.strip()
    assert Path(path).parent.parent.parent == sweep.parent


def test_several_tasks_are_listed(bench: Bench, sweep: Path) -> None:
    """With what tells them apart, and the way to choose."""
    err = bench("log", "p0033", "--sweep", sweep, code=2).err
    assert "3 logs match p0033; choose one with --setting and --seed" in err
    assert err.count("p0033  ") == 3


def test_a_key_chooses_one(bench: Bench, sweep: Path) -> None:
    """The one that the list shows."""
    listed = bench("log", "p0033", "--sweep", sweep, code=2).err
    key = next(line.split()[-1] for line in listed.splitlines() if line.startswith("p0033"))
    assert bench("log", key).out == "SCIP Status: problem is solved\n"


def test_a_task_without_a_result_has_a_log_as_well(bench: Bench, sweep: Path) -> None:
    """It is still executed, or was interrupted."""
    key = _keys(sweep)[-1]
    folder = sweep / "tasks" / f"p0033-s1-p0-{key[:12]}"
    folder.mkdir(parents=True)
    Workspace(folder).log.write_text("presolving\n")
    ended = bench("log", "p0033", "--setting", "b", "--seed", "1")
    assert ended.out == "presolving\n"
    assert "this task has no result yet" in ended.err


def test_a_log_that_was_deleted_is_one_line(bench: Bench, sweep: Path) -> None:
    """No task of it is left with one."""
    for path in sweep.parent.rglob("solver.log"):
        path.unlink()
    assert "no log of p0033" in bench("log", "p0033", code=2).err


def test_a_file_that_no_solver_was_given_has_no_log(bench: Bench, tmp_path: Path) -> None:
    """The reason is that of its verdict."""
    (tmp_path / "good.lp").write_text("min\n x\nst\n c: x >= 1\nend\n")
    (tmp_path / "empty.lp").touch()
    bench("run", tmp_path / "good.lp", tmp_path / "empty.lp")
    refused = bench("log", "empty", code=2).err
    assert "no log of empty: no solver was started; " in refused
    assert "empty file (0 bytes)" in refused


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["p0034"], "no such task 'p0034'; did you mean 'p0033'?"),
        (["p0033", "--setting", "c"], "p0033 has no such task; its settings are: a, b"),
        (["p0033", "--seed", "7"], "no task of p0033 with seed 7; its seeds are: 0, 1"),
        (["p0033", "--setting", "a", "--seed", "7"], "with seed 7; its seeds are: 0, 1"),
        (["p0033", "--setting", "c", "--seed", "7"], "p0033 has no such task; its settings are: a"),
        (["p0033", "--sweep", "none"], "no sweep 'none'"),
    ],
)
@pytest.mark.usefixtures("sweep")
def test_what_is_not_there_is_one_line(bench: Bench, words: list[str], message: str) -> None:
    """With what there is instead."""
    assert message in bench("log", *words, code=2).err


def test_a_sweep_without_results_has_no_instances_to_name(bench: Bench, sweep: Path) -> None:
    """It says so."""
    (sweep / "journal.jsonl").write_text("")
    assert "no results yet; see bench status" in bench("log", "p0033", code=2).err


def _keys(sweep: Path) -> list[str]:
    from bench.journal.manifest import sound

    plan = sound(sweep)
    assert plan is not None
    return [task.key for task in plan.tasks]
