"""Solvers as an axis of a sweep: versions side by side, on the command line and in files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands import Run

pytestmark = pytest.mark.usefixtures("without_mlflow")

FILE = """\
instances: knapsack.mps
solvers: [scip, mine]
seeds: 2
settings:
  - {stock: }
  - cuts: {separating/maxrounds: 0, only: mine}
  - other: {solver: highs}
"""


@pytest.mark.slow
def test_two_versions_are_swept_side_by_side(bench: Run, scip_9: str, knapsack: Path) -> None:
    """Each task has its own version in its key, and comparing them needs no force."""
    done = bench(
        *("sweep", knapsack, "--solver", f"scip,{scip_9}", "--seeds", "2", "--name", "two"),
        *("--no-lint", "--json", "--tracking-uri", "http://127.0.0.1:9"),
        code=None,
    )
    versions = {result["setting"]: result["solver_version"] for result in done.json["results"]}
    assert versions.keys() == {"scip", scip_9}
    assert versions[scip_9] == "9.2.4"
    assert versions["scip"].startswith("10.")
    keys = {result["key"] for result in done.json["results"]}
    assert len(keys) == 4
    order = [result["setting"] for result in done.json["results"]]
    assert set(order[:2]) == {"scip", scip_9}, "the versions of one seed stand together"
    compared = bench("compare", "two", "--baseline", scip_9)
    assert "compared by force" not in compared.err
    assert scip_9 in compared.out


@pytest.mark.slow
def test_a_file_names_solvers_and_limits_settings_to_some(
    bench: Run, own_scip: str, knapsack: Path, tmp_path: Path
) -> None:
    """The settings without a solver are crossed with all, or with those that ``only`` means."""
    assert own_scip == "mine"
    (tmp_path / "s.yaml").write_text(FILE)
    planned = bench("plan", "s.yaml", "--json").json
    assert {*planned["by_setting"]} == {"stock scip", "stock mine", "cuts mine", "other"}
    assert knapsack.exists()


@pytest.mark.parametrize(
    ("solvers", "setting", "words"),
    [
        ("scip,highs", "cuts: separating/maxrounds=0", "solver highs; scip has it: "),
        (
            "scip,highs",
            "cuts: separating/maxrounds=0",
            "limit a named setting to that solver with only: scip",
        ),
        ("scip,highs", "cuts: separating/maxrounds=0 only=cplex", "matches no solver of the sweep"),
        ("scip,scip", "cuts: separating/maxrounds=0", "several different names"),
        ("scip,", "cuts: separating/maxrounds=0", "several different names"),
        ("scip,scip@9.1.0", "cuts: separating/maxrounds=0", "bench solvers add scip==9.1.0"),
        ("scip,nope", "cuts: separating/maxrounds=0", "unknown solver 'nope'"),
    ],
)
def test_what_a_solver_does_not_know_is_refused_by_name(
    bench: Run, knapsack: Path, solvers: str, setting: str, words: str
) -> None:
    """Before anything is executed, with the way out."""
    ended = bench("plan", knapsack, "--solver", solvers, "--setting", setting, code=2)
    assert words in ended.err
    assert ended.err.count("\n") == 1


def test_a_parameter_of_the_grid_is_known_to_all(bench: Run, knapsack: Path) -> None:
    """Else the message says who does not know it."""
    ended = bench(
        *("plan", knapsack, "--solver", "scip,highs", "-p", "separating/maxrounds=0,5"), code=2
    )
    assert "solver highs; scip has it" in ended.err


def test_defaults_of_the_project_are_for_scip_alone(bench: Run, knapsack: Path) -> None:
    """They are left out for another solver; a knob that was chosen is refused there."""
    command = ["run", knapsack, "--solver", "highs", "--json", "--no-lint"]
    defaults = ["--default-knobs", "alpha=0.15,l1_ratio=0.001", "--l1-ratio", "0.001"]
    done = bench(*command, *defaults, "--alpha", "0.15").json
    assert done["setting"]["knobs"] == {}
    refused = bench(*command, *defaults, "--alpha", "0.2", code=2)
    assert "alpha and l1_ratio are knobs of scip, not of highs" in refused.err
    assert json.dumps(done)
