"""Real wheels, with the licences in them: one in `make test`, all in `make soak`."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.errors import UsageError
from bench.solvers import registry
from bench.solvers.commercial.wheels import WHEELS
from bench.solvers.environments.lock_file import REQUIREMENT
from bench.solvers.environments.packages import wanted
from tests.commands import Run

QUIET = ("--no-mlflow", "--no-lint", "--json")
MAXIMIZE = (
    "Maximize\n obj: 3 x + 2 y\nSubject To\n c: x + y <= 4\n d: x - y >= -2\n"
    "Bounds\n x <= 3\n y <= 9\nGeneral\n x\n y\nEnd\n"
)
TOO_LARGE = 12_000


def _large(path: Path) -> Path:
    names = [f"x{i}" for i in range(TOO_LARGE)]
    rows = "".join(f" c{i}: {name} <= 1\n" for i, name in enumerate(names))
    objective = "\n + ".join(names)
    path.write_text(f"Maximize\n obj: {objective}\nSubject To\n{rows}Binary\n " + "\n ".join(names))
    with path.open("a") as file:
        file.write("\nEnd\n")
    return path


def _check(bench: Run, solver: str, root: Path, folder: Path) -> None:
    """Hold a solver against what is known, through the command line."""
    (folder / "max.lp").write_text(MAXIMIZE)
    _large(folder / "large.lp")
    instances = root / "instances"
    known = ("mkp-5x40.lp", "lotsize-6x15.mps.gz", "msplit-3x20.lp")
    words = ("sweep", *(instances / name for name in known), "max.lp", "large.lp")
    done = bench(*words, "--solver", solver, *QUIET, "--name", "w", code=None)
    found = {each["instance"]: each for each in done.json["results"]}
    assert {name: each["verdict"] for name, each in found.items()} == {
        "mkp-5x40": "solved",
        "lotsize-6x15": "solved",
        "msplit-3x20": "solved",
        "max": "solved_unconfirmed",
        "large": "unsupported",
    }
    assert found["max"]["primal_bound"] == 11
    assert found["large"]["evidence"].startswith("licence: ")
    assert found["mkp-5x40"]["verification_independent"]
    assert found["mkp-5x40"]["n_nodes"] is not None
    log = bench("log", "mkp-5x40", "--sweep", "w").out.lower()
    assert "thread" in log


@pytest.mark.slow
def test_gurobi_solves_in_an_environment_of_its_own(
    bench: Run, gurobi: str, root: Path, tmp_path: Path
) -> None:
    """Its answers are checked as all others; what its licence does not allow is said."""
    _check(bench, gurobi, root, tmp_path)
    limited = ("--solver", gurobi, "-p", "MIPGap=-1", *QUIET)
    refused = bench("run", "max.lp", *limited, code=2)
    assert "outside [0, inf]" in refused.err
    (tmp_path / "start.sol").write_text("x_2 1\n")
    words = ("--solver", gurobi, "--start", "start.sol", "--seeds", "4,", *QUIET)
    (result,) = bench("run", root / "instances" / "mkp-5x40.lp", *words).json["results"]
    assert result["verdict"] == "solved"
    log = bench("log", "mkp-5x40").out
    assert "MIP start" in log
    assert "Set parameter Seed to value 4" in log
    (tmp_path / "constant.lp").write_text(MAXIMIZE.replace("2 y", "2 y + 7"))
    misread = bench("run", "constant.lp", "--solver", gurobi, *QUIET, code=None)
    (result,) = misread.json["results"]
    assert result["verdict"] == "unreadable"
    assert "takes the number in 7 for the name of a column" in result["evidence"]


@pytest.mark.soak
def test_every_wheel_solves_in_an_environment_of_its_own(
    bench: Run, wheel: str, root: Path, tmp_path: Path
) -> None:
    """As Gurobi does."""
    _check(bench, wheel, root, tmp_path)


@pytest.mark.parametrize(
    ("text", "solver", "requirement"),
    [
        ("gurobi", "gurobi", "gurobipy"),
        ("gurobipy", "gurobi", "gurobipy"),
        ("COPT", "copt", "coptpy"),
        ("cplex==22.1.2.0", "cplex", "cplex==22.1.2.0"),
    ],
)
def test_a_commercial_solver_is_asked_for_by_its_name_or_package(
    text: str, solver: str, requirement: str
) -> None:
    """Without a version it is the latest."""
    asked = wanted(text)
    assert (asked.solver, asked.requirement) == (solver, requirement)


@pytest.mark.parametrize("text", ["gurobipy", "coptpy==8.0.7", "highspy==1.8.1"])
def test_what_an_environment_is_made_of_may_stand_in_a_lock_file(text: str) -> None:
    """Of a commercial solver without a version, too; nothing else may."""
    assert REQUIREMENT.fullmatch(text)
    for other in (f"{text} --index-url x", f"{text}\n", "highspy", "requests"):
        assert not REQUIREMENT.fullmatch(other)


def test_one_that_is_not_here_is_added_by_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which the message names; what it declares is known without it."""
    monkeypatch.setenv("BENCH_SOLVERS_DIR", "/nowhere")
    for name in WHEELS:
        if registry.is_here(name):
            continue
        with pytest.raises(UsageError, match=f"add it with: bench solvers add {name}$"):
            registry.load(name)
        assert registry.declaration(name).code_base == name
        assert registry.declaration(f"{name}@1.2").code_base == name
