"""``bench check``: recorded results judged again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bench.cli.main import command

Bench = Callable[..., Any]

TAMPERED = {
    "=opt= knapsack -9\n": ("knapsack", "dual_bound"),
    "=opt= knapsack -7\n": ("knapsack", "objective"),
    "=inf= knapsack\n": ("knapsack", "solution_on_infeasible_instance"),
    "=unbd= knapsack\n": ("knapsack", "dual_bound"),
    "=feas= empty\n": ("empty", "dual_bound"),
}
"""A reference that is not true -> the instance that it makes wrong, and how."""


@pytest.fixture
def folder(bench: Bench, knapsack: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder, now the present one, with results of a solved and an infeasible instance."""
    (knapsack.parent / "empty.lp").write_text("min\n x\nst\n a: x >= 2\n b: x <= 1\nend\n")
    bench("run", knapsack, "empty.lp")
    monkeypatch.chdir(knapsack.parent)
    return knapsack.parent


def test_each_tampered_reference_is_caught(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is only tried changes nothing, and without a reference all is as it was."""
    for line, (instance, kind) in TAMPERED.items():
        (folder / "tampered.txt").write_text(line)
        given = ["--solu", "tampered.txt", "--dry-run", "--json", "--fail-on", "wrong"]
        assert command.main(["check", *given]) == 3
        (change,) = json.loads(capsys.readouterr().out)["changed"]
        assert (change["instance"], change["is"]["kind"]) == (instance, kind)
        assert change["was"]["verdict"] == "solved_unconfirmed"
    assert command.main(["check", "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changed"] == []
    (folder / "bad.solu").write_text("=opt= knapsack\n")
    for wrong, words in (
        (["--work-dir", "none"], "there are no results in this folder"),
        (["--dry-run"], "bad.solu:1"),
    ):
        assert command.main(["check", *wrong]) == 2
        assert words in capsys.readouterr().err


def recorded(folder: Path) -> tuple[list[tuple[str, str, float]], float]:
    """Return status, verdict and metric of the task runs, and how many the sweep solved."""
    with closing(sqlite3.connect(folder / "mlflow.db")) as database:
        tasks = database.execute("""
            select r.status, v.value, m.value from runs r
            join tags k on k.run_uuid = r.run_uuid and k.key = 'bench.kind' and k.value = 'task'
            join tags v on v.run_uuid = r.run_uuid and v.key = 'bench.verdict'
            join latest_metrics m on m.run_uuid = r.run_uuid and m.key = 'result/solved'
            order by 2
        """).fetchall()
        (solved,) = database.execute("""
            select m.value from latest_metrics m join tags k on k.run_uuid = m.run_uuid
            where m.key = 'solved' and k.key = 'bench.kind' and k.value = 'sweep'
        """).fetchone()
    return tasks, solved


@pytest.mark.slow
def test_a_newer_reference_corrects_journal_and_mlflow(
    bench: Bench,
    knapsack: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And back again, once it is put right; the second time there is nothing to do."""
    folder = knapsack.parent
    bench("sweep", knapsack, "--solver", "fake", "-p", "value=-9", "--seeds", "2", "--name", "lie")
    assert recorded(folder) == ([("FINISHED", "solved_unconfirmed", 1.0)] * 2, 2.0)
    (folder / "found.solu").write_text("=opt= knapsack -8\n")
    done = bench("check", "lie", "--fail-on", "wrong", code=3)
    assert "solved_unconfirmed  wrong (objective)" in done.out
    assert "the optimal value is known to be -8" in done.out
    assert "2 results judged (2 wrong), 2 verdicts changed" in done.out
    assert recorded(folder) == ([("FAILED", "wrong", 0.0)] * 2, 0.0)
    monkeypatch.chdir(folder)
    assert command.main(["status", "lie", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["settings"][0]["wrong"] == 2
    assert command.main(["check", "--experiment-name", "Default", "--json", "--dry-run"]) == 0
    assert json.loads(capsys.readouterr().out)["changed"] == []
    (folder / "found.solu").write_text("=opt= knapsack -9\n")
    bench("check", "--fail-on", "wrong")
    assert recorded(folder) == ([("FINISHED", "solved", 1.0)] * 2, 2.0)


def test_what_mlflow_does_not_have_is_not_uploaded(bench: Bench, knapsack: Path) -> None:
    """A run without MLflow stays without it; only bench sync uploads it."""
    bench("run", knapsack, "--no-mlflow")
    (knapsack.parent / "found.solu").write_text("=opt= knapsack -7\n")
    assert "1 verdict changed" in bench("check", "--fail-on", "wrong", code=3).out
    assert not (knapsack.parent / "mlflow.db").exists()


@pytest.mark.slow
def test_two_commands_that_contradict_each_other_are_noticed(
    bench: Callable[..., Any], knapsack: Path, tmp_path: Path
) -> None:
    """By the second of them, and by a check of the work folder or of the experiment.

    MLflow's runs of the folder are corrected. Those of others are told of, and left as they are.
    """
    bench("run", knapsack)
    second = bench("run", knapsack, "--solver", "fake", "-p", "value=-7", "--json")
    (result,) = second.json["results"]
    assert (result["verdict"], result["verdict_kind"]) == ("wrong", "inconsistent")
    assert "a solution of value -8 by default in run-" in result["verdict_reason"]
    assert "bench check" in second.err

    theirs = verdicts_in_mlflow(tmp_path)
    assert theirs == ["solved_unconfirmed", "wrong"]
    elsewhere = ("check", "--experiment-name", "Default", "--work-dir", "elsewhere")
    told = bench(*elsewhere, "--json", "--fail-on", "wrong", code=3).json
    assert len(told["contradictions"]) == 2
    assert told["changed"] == []
    assert verdicts_in_mlflow(tmp_path) == theirs

    done = bench("check")
    assert "2 results are contradicted by others of the same instance:" in done.out
    assert verdicts_in_mlflow(tmp_path) == ["wrong", "wrong"]


def verdicts_in_mlflow(folder: Path) -> list[str]:
    """Return the verdicts of all runs, sorted."""
    with closing(sqlite3.connect(folder / "mlflow.db")) as connection:
        rows = connection.execute("SELECT value FROM tags WHERE key = 'bench.verdict'")
        return sorted(value for (value,) in rows)
