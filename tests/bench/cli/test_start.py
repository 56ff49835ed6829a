"""``--start``: solutions to start from, checked first, with and without as sides of a sweep."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.errors import SolverError
from bench.model.start import Start
from bench.model.workspace import Workspace
from bench.solvers.start import start_values
from tests.commands import Run
from tests.conftest import task

QUIET = ("--no-mlflow", "--no-lint")
FIRST = "x_2 1\n"


@pytest.fixture
def instance(root: Path) -> Path:
    """Return an instance of which no solver knows the start by itself."""
    return root / "instances" / "mkp-5x40.lp"


@pytest.fixture
def starts(tmp_path: Path) -> Path:
    """Return a folder with a feasible start for that instance."""
    folder = tmp_path / "starts"
    folder.mkdir()
    (folder / "mkp-5x40.sol").write_text(FIRST)
    return folder


@pytest.mark.parametrize(
    ("solver", "words"),
    [
        ("scip", "solution given by solution candidate storage, new primal bound 9.780000e+02"),
        ("highs", "MIP start solution is feasible, objective value is 978"),
    ],
)
def test_a_solver_starts_from_the_solution(
    bench: Run, instance: Path, starts: Path, knapsack: Path, solver: str, words: str
) -> None:
    """With and without are two settings, and an instance without a file is solved without."""
    words_of_sweep = ("--solver", solver, "--start", "none,starts", "--node-limit", "1")
    done = bench("sweep", instance, knapsack, *words_of_sweep, *QUIET, "--json")
    assert "no solution for 1 of 2 instances; they are solved without one: knapsack" in done.err
    found = {(each["instance"], each["setting"]): each for each in done.json["results"]}
    assert len(found) == 4
    given = found["mkp-5x40", "start=starts"]
    assert given["start"].startswith("is feasible to 1e-9 (exact arithmetic")
    assert given["start"].endswith("objective value 978")
    assert len(given["start_sha256"]) == 64
    assert found["mkp-5x40", "start=none"]["start_sha256"] is None
    log = bench("log", "mkp-5x40", "--setting", "start=starts").out.replace(": obj", ", obj")
    assert words in log
    before = given["key"]
    (starts / "mkp-5x40.sol").write_text("x_5 1\n")
    again = bench("sweep", instance, knapsack, *words_of_sweep, *QUIET, "--json")
    assert "1 of 4 tasks are left to do" in again.err, "only the changed start makes a new task"
    assert before not in {each["key"] for each in again.json["results"]}


def test_an_infeasible_start_is_said_before_and_given_all_the_same(
    bench: Run, instance: Path, starts: Path
) -> None:
    """What the solver makes of it is in its log."""
    (starts / "mkp-5x40.sol").write_text("x_2 1000\n")
    words = ("--start", "starts/{instance}.sol", "--node-limit", "1", "--json")
    planned = bench("plan", instance, *words, "--no-lint")
    done = bench("run", instance, *words, *QUIET)
    assert "fails the check: bound x_2 is off by 999" in planned.err
    assert "fails the check: bound x_2 is off by 999" in done.err
    assert "the solver gets it anyway" in done.err
    (result,) = done.json["results"]
    assert result["setting"] == "start={instance}.sol"
    assert result["start"].startswith("fails the check")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--start", "missing.sol"), "--start missing.sol: no such file or folder"),
        (
            ("--start", "empty"),
            "no solution was found there for any of the instances; that of mkp-5x40 would be empty",
        ),
        (("--start", "other.sol"), "this seems to be the solution of another instance"),
        (("--start", "starts", "--solver", "fake"), "'fake' does not support a start solution"),
    ],
)
def test_what_is_no_start_is_refused_in_a_line(
    bench: Run,
    instance: Path,
    starts: Path,
    tmp_path: Path,
    words: tuple[str, ...],
    message: str,
) -> None:
    """By a run, a sweep and its plan, before any solver is started."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "other.sol").write_text("alien 1\nworse 1\n")
    assert starts.exists()
    for command in ("run", "sweep", "plan"):
        words_of = words if command == "plan" else (*words, "--no-mlflow")
        refused = bench(command, instance, *words_of, "--no-lint", code=2)
        assert message in refused.err
        assert "Traceback" not in refused.err


def test_one_file_is_the_start_of_one_instance(
    bench: Run, instance: Path, knapsack: Path, tmp_path: Path
) -> None:
    """Of several instances, the one of its name."""
    (tmp_path / "a.sol").write_text(FIRST)
    refused = bench("run", instance, knapsack, "--start", "a.sol", *QUIET, code=2)
    assert "one file, and 2 instances, none of them named 'a'" in refused.err
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "mkp-5x40.sol").write_text(FIRST)
    (tmp_path / "sub" / "s.yaml").write_text(
        f"instances: [{instance}, {knapsack}]\nstart: [none, mkp-5x40.sol]\nnode_limit: 1\n"
    )
    done = bench("sweep", "sub/s.yaml", *QUIET, "--json")
    assert sum(bool(each["start_sha256"]) for each in done.json["results"]) == 1


def test_a_start_that_changes_meanwhile_is_not_used(tmp_path: Path, instance: Path) -> None:
    """The key of the task is that of another start."""
    path = tmp_path / "x.sol"
    path.write_text(FIRST)
    planned = replace(task(instance), start=Start(path=str(path), digest="0" * 64))
    with pytest.raises(SolverError, match="has changed since the tasks were planned"):
        start_values(planned, Workspace(tmp_path), ["x_2"])
