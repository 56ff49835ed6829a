"""``bench check``: recorded results judged again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

Bench = Callable[..., Any]

TAMPERED = {
    "=opt= knapsack -9\n": ("knapsack", "dual_bound"),
    "=opt= knapsack -7\n": ("knapsack", "objective"),
    "=inf= knapsack\n": ("knapsack", "solution_on_infeasible_instance"),
    "=unbd= knapsack\n": ("knapsack", "dual_bound"),
    "=feas= empty\n": ("empty", "dual_bound"),
}
"""A reference that is not true -> the instance that it makes wrong, and how."""


def test_each_tampered_reference_is_caught(bench: Bench, knapsack: Path) -> None:
    """Of a solved instance and an infeasible one; trying changes nothing."""
    (knapsack.parent / "empty.lp").write_text("min\n x\nst\n a: x >= 2\n b: x <= 1\nend\n")
    bench("run", knapsack, "empty.lp")
    reference = knapsack.parent / "sub" / "tampered.solu"
    reference.parent.mkdir()
    for line, (instance, kind) in TAMPERED.items():
        reference.write_text(line)
        command = ("check", "--solu", reference, "--dry-run", "--json", "--fail-on", "wrong")
        (change,) = bench(*command, code=3).json["changed"]
        assert (change["instance"], change["is"]["kind"]) == (instance, kind)
        assert change["was"]["verdict"] == "solved_unverified"
    assert bench("check", "--dry-run", "--json").json["changed"] == []


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
def test_a_newer_reference_corrects_journal_and_mlflow(bench: Bench, knapsack: Path) -> None:
    """And back again, once it is put right; the second time there is nothing to do."""
    folder = knapsack.parent
    bench("sweep", knapsack, "--solver", "fake", "-p", "value=-9", "--seeds", "2", "--name", "lie")
    assert recorded(folder) == ([("FINISHED", "solved_unverified", 1.0)] * 2, 2.0)
    (folder / "found.solu").write_text("=opt= knapsack -8\n")
    done = bench("check", "lie", "--fail-on", "wrong", code=3)
    assert "solved_unverified  wrong (objective)" in done.out
    assert "the optimal value is known to be -8" in done.out
    assert "2 results judged (2 wrong), 2 verdicts changed" in done.out
    assert recorded(folder) == ([("FAILED", "wrong", 0.0)] * 2, 0.0)
    assert bench("status", "lie", "--json").json["settings"][0]["wrong"] == 2
    assert bench("check", "--experiment-name", "Default", "--json").json["changed"] == []
    (folder / "found.solu").write_text("=opt= knapsack -9\n")
    bench("check", "--fail-on", "wrong")
    assert recorded(folder) == ([("FINISHED", "solved", 1.0)] * 2, 2.0)


def test_what_cannot_be_checked_is_one_line(bench: Bench, knapsack: Path) -> None:
    """No results, no such experiment, a broken reference."""
    assert "no results here" in bench("check", code=2).err
    bench("run", knapsack, "--solver", "fake", "--tracking-uri", "sqlite:///mlflow.db")
    assert "experiment 'x'" in bench("check", "--experiment-name", "x", code=2).err
    (knapsack.parent / "bad.solu").write_text("=opt= knapsack\n")
    assert "bad.solu:1" in bench("check", "--dry-run", code=2).err
