"""Executables as a user meets them: added, used in sweeps, changed and removed meanwhile."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from bench.solvers.environments import environment
from tests.commands import Run
from tests.executables import scip_shell, script

GLPSOL = """\
#!/bin/sh
test "$1" = --version && echo "GLPSOL: GLPK LP/MIP Solver, v4.65" && exit
{solve}
"""
ODD = r"printf 'c Status: INTEGER OPTIMAL\ns mip o zz\nj 1\ne o f\n' > solution.txt"
"""A solution file that its adapter cannot read."""


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use a folder of solvers that no other test knows, and record nothing."""
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "solvers"))
    monkeypatch.setenv("BENCH_NO_MLFLOW", "1")


def add_script(bench: Run, folder: Path, solve: str) -> Path:
    """Add a script that says that it is GLPK, and solves by other commands of the shell."""
    path = script(folder / "glpsol", GLPSOL.format(solve=solve))
    bench("solvers", "add", "mine", "--executable", path, "--like", "glpk")
    return path


@pytest.mark.skipif(not shutil.which("cbc"), reason="cbc is not installed (coinor-cbc)")
def test_a_solver_of_the_path_is_added_used_beside_others_and_removed(
    bench: Run, knapsack: Path
) -> None:
    """Its result says that its file was written anew, and that its numbers are from its log."""
    assert "bench solvers add cbc" in bench("run", knapsack, "--solver", "cbc", code=2).err
    assert bench("solvers", "add", "cbc").out.startswith("cbc: cbc 2.")
    row = next(row for row in bench("solvers", "list", "--json").json if row["name"] == "cbc")
    assert row["source"] == shutil.which("cbc")
    assert row["abilities"]["seed"]
    done = bench("sweep", knapsack, "--solver", "scip,cbc", "--json", "--no-lint").json
    found = {one["solver"]: one for one in done["results"]}
    assert {one["primal_bound"] for one in found.values()} == {-8}
    assert (found["cbc"]["normalized_by"], found["cbc"]["is_from_log"]) == ("scip", True)
    assert (found["scip"]["normalized_by"], found["scip"]["is_from_log"]) == (None, False)
    assert found["cbc"]["verification_independent"]
    misspelt = bench("run", knapsack, "--solver", "cbc", "-p", "passCut=3", code=2)
    assert "did you mean 'passCuts'" in misspelt.err
    assert "outside" in bench("run", knapsack, "--solver", "cbc", "-p", "strategy=7", code=2).err
    assert bench("solvers", "remove", "cbc").out == "cbc removed\n"
    assert "add it with" in bench("sweep", knapsack, "--solver", "scip,cbc", code=2).err


@pytest.mark.parametrize(
    ("solve", "verdict", "reason"),
    [
        ("echo garbage", "crashed", "mine ended without a result"),
        ("echo garbage; exit 3", "crashed", "exit code 3"),
        ("kill -SEGV $$", "crashed", "SIGSEGV"),
        ("head -c 40000000 /dev/zero | tr '\\0' x", "crashed", "bytes cut"),
        ("echo 'INTEGER OPTIMAL SOLUTION FOUND'", "crashed", "without an objective value"),
        ("exit 11", "crashed", "exit code 11"),
        (f"{ODD}; exit 0", "crashed", "its output cannot be read as that of --like glpk"),
        (f"{ODD}; exit 3", "crashed", "exit code 3"),
        (f"{ODD}; kill -SEGV $$", "crashed", "SIGSEGV"),
    ],
)
def test_what_it_does_instead_of_solving_is_a_result(
    bench: Run, knapsack: Path, tmp_path: Path, solve: str, verdict: str, reason: str
) -> None:
    """Whatever it is; an exit code of its own is none of ours."""
    add_script(bench, tmp_path, solve)
    found = bench("run", knapsack, "--solver", "mine", "--json", "--no-lint", code=None)
    (result,) = found.json["results"]
    assert result["verdict"] == verdict
    assert reason in result["evidence"] + result["verdict_reason"]
    assert result["primal_bound"] is None


def test_one_that_is_stopped_while_it_writes_is_at_its_limit(
    bench: Run, knapsack: Path, tmp_path: Path
) -> None:
    """Half a file is no crash, and no bound is made of it."""
    add_script(bench, tmp_path, f"{ODD}; sleep 60")
    words = ("--time-limit", "0.3", "--grace", "0.4", "--json", "--no-lint")
    (result,) = bench("run", knapsack, "--solver", "mine", *words, code=None).json["results"]
    assert (result["status"], result["verdict"]) == ("timelimit", "limit")
    assert (result["primal_bound"], result["dual_bound"]) == (None, None)


@pytest.mark.parametrize(
    ("change", "reason"),
    [("echo '#' >> $0", "has changed since the task was planned"), ("rm $0", "no longer exists; ")],
)
def test_one_that_changes_or_goes_while_a_sweep_is_executed_is_named(
    bench: Run, knapsack: Path, tmp_path: Path, change: str, reason: str
) -> None:
    """The tasks that are left have an error, and those of other solvers go on."""
    add_script(bench, tmp_path, change)
    words = ("--solver", "mine,scip", "--no-lint", "--json", "-j", "1", "-p", "mipgap=0,0.1")
    assert "scip" in bench("sweep", knapsack, *words, code=2).err
    other = knapsack.with_name("other.mps")
    other.write_text(knapsack.read_text().replace("NAME knapsack", "NAME other"))
    done = bench("sweep", knapsack, other, *words[:6], code=None).json
    errors = [one["error"] for one in done["results"] if one["solver"] == "mine"]
    assert sorted(reason in error for error in errors) == [False, True]
    assert [one["primal_bound"] for one in done["results"] if one["solver"] == "scip"] == [-8, -8]


def test_one_that_is_gone_before_a_sweep_is_refused(
    bench: Run, knapsack: Path, tmp_path: Path
) -> None:
    """With what to do, before any task; the list of solvers says so, too."""
    add_script(bench, tmp_path, "true").unlink()
    ended = bench("sweep", knapsack, "--solver", "scip,mine", code=1)
    assert (
        "glpsol no longer exists; put it back, or remove it with: bench solvers remove mine"
        in ended.err
    )
    assert "no longer exists" in bench("solvers", "list").err
    assert bench("solvers", "remove", "mine").out == "mine removed\n"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--node-limit", "3"), "mine has no limit of nodes"),
        (("--clock", "cpu"), "mine cannot measure CPU time; use --clock wall"),
    ],
)
def test_a_limit_that_it_does_not_have_is_named(
    bench: Run, knapsack: Path, tmp_path: Path, words: tuple[str, ...], reason: str
) -> None:
    """The task is unsupported, nothing is executed without the limit."""
    add_script(bench, tmp_path, "true")
    found = bench("run", knapsack, "--solver", "mine", *words, "--no-lint", "--json", code=None)
    (result,) = found.json["results"]
    assert (result["verdict"], result["error"]) == ("unsupported", reason)


@pytest.mark.skipif(not shutil.which("glpsol"), reason="glpsol is not installed (glpk-utils)")
def test_it_also_solves_without_isolation(bench: Run, knapsack: Path) -> None:
    """As a child of the harness itself, where its solver is under a debugger."""
    bench("solvers", "add", "glpk")
    words = ("--solver", "glpk", "--executor", "in-process", "--no-lint")
    found = bench("run", knapsack, *words).out
    assert re.search(r"knapsack +optimal +-8 +-8 +0\.00%", found)
    assert "1 of 1 solved" in found


def test_seeds_that_do_nothing_are_named(bench: Run, knapsack: Path, tmp_path: Path) -> None:
    """Refused where no solver has a seed, else said."""
    add_script(bench, tmp_path, "true")
    ended = bench("run", knapsack, "--solver", "mine", "--seeds", "2", code=2)
    assert "solver 'mine' has no random seed: leave out the seeds" in ended.err
    ended = bench("sweep", knapsack, "--solver", "mine", "--seeds", "2", code=2)
    assert "'mine' has no random seed" in ended.err
    words = ("--solver", "scip,mine", "--seeds", "2", "--no-lint")
    ended = bench("sweep", knapsack, *words, code=None)
    assert "'mine' has no random seed: its 2 seeds are repetitions" in ended.err


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("blah\n", "empty model"),
        ("min\n x\nst\n a: x >= 1\nend\n", ""),
    ],
)
def test_a_file_without_a_problem_is_no_problem_for_one_that_reads_files_itself(
    bench: Run, tmp_path: Path, text: str, reason: str
) -> None:
    """SCIP's shell calls an empty model optimal, with the value 0."""
    bench("solvers", "add", "mine", "--executable", scip_shell(tmp_path / "scip"), "--like", "scip")
    path = tmp_path / "problem.lp"
    path.write_text(text)
    words = ("run", path, "--solver", "mine", "--no-lint", "--json")
    (result,) = bench(*words, code=None).json["results"]
    assert (result["verdict"] == "unreadable") == bool(reason)
    assert reason in str(result["error"])
