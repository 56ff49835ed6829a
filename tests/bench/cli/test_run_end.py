"""What a run or sweep leaves at its end: a solution, a notice, and not too many words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("without_mlflow")

Bench = Callable[..., Any]
QUICK = ("--solver", "fake", "--no-mlflow", "--no-lint")


def test_the_best_solution_is_written(bench: Bench, knapsack: Path) -> None:
    """Of several seeds; it is one that can be verified."""
    bench("run", knapsack, "--seeds", "2", "--no-mlflow", "-o", "best.sol")
    assert "is feasible" in bench("verify", knapsack, "best.sol").out.lower()


def test_where_there_is_no_solution_none_is_written(bench: Bench, tmp_path: Path) -> None:
    """An older file stays, and the exit code says so."""
    (tmp_path / "none.lp").write_text("min\n x\nst\n a: x >= 2\n b: x <= 1\nend\n")
    (tmp_path / "best.sol").write_text("older\n")
    ended = bench("run", "none.lp", "--no-mlflow", "-o", "best.sol", code=1)
    assert "infeasible" in ended.out
    assert "best.sol: not written, because no solution was found" in ended.err
    assert (tmp_path / "best.sol").read_text() == "older\n"


def test_a_solution_belongs_to_one_instance(bench: Bench, knapsack: Path) -> None:
    """Told before anything is executed."""
    knapsack.with_name("b.mps").write_text(knapsack.read_text())
    err = bench("run", knapsack, "b.mps", "-o", "best.sol", code=2).err
    assert "the option needs exactly one instance, and 2 are given" in err
    err = bench("run", knapsack, "-o", "none/best.sol", code=2).err
    assert "its folder does not exist" in err
    assert not (knapsack.parent / "bench-work").exists()


def test_a_command_is_told_how_it_ended(bench: Bench, knapsack: Path) -> None:
    """Its output goes to standard error, so that --json stays one object."""
    command = 'echo "$NOTIFY_STATE|$NOTIFY_NAME|$NOTIFY_MESSAGE|$NOTIFY_EXIT_CODE" > told'
    words = ("sweep", knapsack, *QUICK, "--name", "cuts", "--setting", "a: code=2")
    bench(*words, "--notify", f"{command}; echo heard", "--json").json  # noqa: B018 - it parses
    told = (knapsack.parent / "told").read_text().strip().split("|")
    assert told == ["done", "cuts", "cuts: 1 of 1 task is finished", "0"]
    assert "heard" in bench(*words, "--notify", "echo heard").err


def test_a_failure_is_told_too(bench: Bench, knapsack: Path) -> None:
    """That of --fail-on, but not a wrong option; the command's own changes nothing."""
    told = knapsack.parent / "told"
    words = ("run", knapsack, *QUICK, "--notify", "echo $NOTIFY_STATE $NOTIFY_EXIT_CODE > told")
    bench(*words, "-p", "none=1", code=2)
    assert not told.exists()
    bench(*words, "--fail-on", "solved,solved_unconfirmed", code=3)
    assert told.read_text() == "failed 3\n"
    ended = bench("run", knapsack, *QUICK, "--notify", "exit 7")
    assert "Warning: --notify: the command ended with exit code 7" in ended.err


def test_quiet_is_results_and_warnings_alone(bench: Bench, knapsack: Path) -> None:
    """The usual words say where to look next; verbose tells each result."""
    words = ("sweep", knapsack, *QUICK, "--setting", "a: code=2", "--setting", "b: code=3")
    usual = bench(*words)
    assert "Compare the settings: " in usual.err
    quiet = bench(*words, "--fresh", "--quiet")
    assert [line for line in quiet.err.splitlines() if not line.startswith("Disturbed: ")] == []
    assert "a: 1 of 1 solved" in quiet.out
    verbose = bench(*words, "--fresh", "-v")
    assert sum("knapsack / " in line for line in verbose.err.splitlines()) == 2
    assert "exclude each other" in bench(*words, "-q", "-v", code=2).err


@pytest.mark.parametrize("name", ["BENCH_QUIET", "BENCH_NOTIFY"])
def test_a_dotenv_may_make_it_quiet_but_not_execute_anything(
    bench: Bench, knapsack: Path, name: str
) -> None:
    """A command in a file that comes with somebody's models would be executed unasked."""
    value = "1" if name == "BENCH_QUIET" else "touch heard"
    (knapsack.parent / ".env").write_text(f"{name}={json.dumps(value)}\n")
    ended = bench("run", knapsack, *QUICK)
    assert ("Not recorded" not in ended.err) is (name == "BENCH_QUIET")
    assert not (knapsack.parent / "heard").exists()
