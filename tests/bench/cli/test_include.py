"""``--include``: plug-ins of SCIP in Python, as a researcher compares them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.journal.journal import Journal
from tests.commands import Run

pytestmark = pytest.mark.usefixtures("without_mlflow")

QUIET = ("--no-mlflow", "--no-lint")
EXAMPLE = "examples/plug-ins/branching.py"
PLUG_INS = """\
from pyscipopt import Branchrule, Heur
from pyscipopt.scip import PY_SCIP_HEURTIMING, PY_SCIP_RESULT


class Raises(Heur):
    def heurexec(self, heurtiming, nodeinfeasible):
        raise ValueError("told to raise")


def raises_later(model):
    timing = PY_SCIP_HEURTIMING.BEFORENODE
    model.includeHeur(Raises(), "raises", "", "Y", timingmask=timing)


def raises(model):
    raise KeyError("at once")


def sets(model):
    model.setParam("separating/maxrounds", 0)
    print("called with", model.getNVars(), "columns")
"""


@pytest.fixture
def plug_ins(tmp_path: Path) -> str:
    """Return the name of a file with plug-ins in the current folder."""
    (tmp_path / "plug.py").write_text(PLUG_INS)
    return "plug.py"


def test_the_example_of_the_documents_is_compared_with_none(
    bench: Run, root: Path, tmp_path: Path
) -> None:
    """Both settings solve the instance; only the key of one has the plug-in's digest."""
    (tmp_path / "examples").symlink_to(root / "examples")
    assert EXAMPLE in (root / "docs" / "solvers.md").read_text()
    instance = root / "instances" / "mkp-5x40.lp"
    words = ("sweep", instance, "--include", f"none,{EXAMPLE}:most_fractional", "--name", "b")
    done = bench(*words, *QUIET, "--json")
    found = {each["setting"]: each for each in done.json["results"]}
    assert {*found} == {"include=none", "include=branching.py:most_fractional"}
    assert {each["verdict"] for each in found.values()} == {"solved"}
    nodes = {each["n_nodes"] for each in found.values()}
    assert len(nodes) == 2, "the branching rule was used"
    with_rule = found["include=branching.py:most_fractional"]
    assert with_rule["include"].startswith("branching.py:most_fractional ")
    assert found["include=none"]["include"] is None
    shown = bench("show", "mkp-5x40", "--setting", with_rule["setting"]).out
    assert with_rule["include"] in shown
    again = bench(*words, *QUIET)
    assert "nothing left to do" in again.err


def test_a_sweep_file_has_the_key_and_named_settings_too(
    bench: Run, knapsack: Path, tmp_path: Path, plug_ins: str
) -> None:
    """Paths are relative to the file; what the function does to parameters is recorded."""
    folder = tmp_path / "sub"
    folder.mkdir()
    (tmp_path / plug_ins).rename(folder / plug_ins)
    (folder / "s.yaml").write_text(f"instances: {knapsack}\ninclude: [none, plug.py:sets]\n")
    (folder / "t.yaml").write_text(
        f"instances: {knapsack}\nsettings:\n  mine: {{include: plug.py:sets}}\n  stock:\n"
    )
    done = bench("sweep", "sub/s.yaml", *QUIET, "--json").json
    assert {each["setting"] for each in done["results"]} == {"include=none", "include=plug.py:sets"}
    done = bench("sweep", "sub/t.yaml", *QUIET, "--json").json
    assert {each["setting"]: bool(each["include"]) for each in done["results"]} == {
        "mine": True,
        "stock": False,
    }
    results = Journal(tmp_path / "bench-work" / "t").results()
    (result,) = [each for each in results if each.task.setting.name == "mine"]
    assert result.answer.params["separating/maxrounds"] == 0
    assert "called with" in (result.folder / "solver.log").read_text()


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        ("raises", "--include plug.py:raises raises KeyError: 'at once'"),
        ("raises_later", "a plug-in of --include plug.py:raises_later raises ValueError: told"),
    ],
)
def test_what_raises_is_crashed_with_the_exception(
    bench: Run, root: Path, plug_ins: str, function: str, reason: str
) -> None:
    """In the function, or in a callback that SCIP would pass over; the log has the traceback."""
    instance = root / "instances" / "mkp-5x40.lp"
    words = ("--include", f"{plug_ins}:{function}", *QUIET)
    failed = bench("run", instance, *words, code=None)
    assert f"crashed: {reason}" in failed.err + failed.out
    assert "Traceback" in bench("log", "mkp-5x40").out


@pytest.mark.slow
def test_another_version_of_scip_calls_them_too(
    bench: Run, own_scip: str, knapsack: Path, plug_ins: str
) -> None:
    """Its interpreter finds the file by its place."""
    words = ("--include", f"{plug_ins}:sets", "--solver", own_scip, *QUIET, "--json")
    (result,) = bench("run", knapsack, *words).json["results"]
    assert result["verdict"] == "solved" or result["status"] == "optimal"
    assert result["include"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--include", "plug.py:missing"), "plug.py has no function 'missing'"),
        (
            ("--include", "plug.py:sets", "--solver", "highs"),
            "'highs' does not support plug-ins in Python",
        ),
    ],
)
def test_what_cannot_be_included_is_refused_in_a_line(
    bench: Run, knapsack: Path, plug_ins: str, words: tuple[str, ...], message: str
) -> None:
    """By a run and by a sweep, before anything is executed."""
    assert plug_ins
    for command in ("run", "sweep"):
        assert message in bench(command, knapsack, *QUIET, *words, code=2).err


def test_a_named_setting_is_limited_to_the_solver_that_takes_plug_ins(
    bench: Run, knapsack: Path, plug_ins: str, tmp_path: Path
) -> None:
    """So that HiGHS can stand beside it; an unknown function names the line."""
    (tmp_path / "s.yaml").write_text(
        f"instances: {knapsack}\nsolvers: [scip, highs]\nsettings:\n"
        f"  mine: {{include: {plug_ins}:sets, only: scip}}\n  stock:\n"
    )
    planned = json.loads(bench("plan", "s.yaml", "--json").out)
    assert {*planned["by_setting"]} == {"mine scip", "stock scip", "stock highs"}
    (tmp_path / "s.yaml").write_text(f"instances: {knapsack}\ninclude:\n  - plug.py:nix\n")
    assert "s.yaml:2: include: --include plug.py:nix" in bench("plan", "s.yaml", code=2).err
