"""HiGHS from the command line, alone and beside SCIP."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("without_mlflow")

Bench = Callable[..., Any]


def test_highs_is_run_by_name_with_options_by_their_own_names(bench: Bench, knapsack: Path) -> None:
    """From the shell to the result, through the fork server."""
    found = bench("run", knapsack, "--solver", "highs", "-p", "presolve=off", "--json").json
    (result,) = found["results"]
    assert (result["status"], result["primal_bound"], result["dual_bound"]) == ("optimal", -8, -8)
    (settings,) = knapsack.parent.glob("bench-work/*/tasks/*/changed.set")
    assert "presolve = off" in settings.read_text()
    (log,) = knapsack.parent.glob("bench-work/*/tasks/*/solver.log")
    assert "Solving report" in log.read_text()
    assert "LP iterations" in log.read_text()


def test_a_wrong_option_is_refused_before_anything_runs(bench: Bench, knapsack: Path) -> None:
    """With the name that was meant."""
    ended = bench("run", knapsack, "--solver", "highs", "-p", "mip_rel_gab=0", code=2)
    assert "did you mean 'mip_rel_gap'" in ended.err


def test_a_limit_by_either_name_is_one_limit(bench: Bench, knapsack: Path) -> None:
    """HiGHS's own time_limit is the time limit of the task."""
    ended = bench(
        "run", knapsack, "--solver", "highs", "-p", "time_limit=7", "--time-limit", "8", code=2
    )
    assert "one limit is given two values" in ended.err


@pytest.mark.slow
def test_a_sweep_mixes_solvers(bench: Bench, root: Path, tmp_path: Path) -> None:
    """Named settings of different solvers stand beside each other and agree."""
    sweep = tmp_path / "mixed.yaml"
    sweep.write_text(
        json.dumps(
            {
                "instances": str(root / "instances" / "mkp-5x40.lp"),
                "settings": {
                    "scip": {},
                    "highs": {"solver": "highs"},
                    "highs to the end": {"solver": "highs", "params": {"mip_rel_gap": 0}},
                },
                "seeds": 2,
            }
        )
    )
    found = bench("sweep", sweep, "--json").json
    assert found["missing"] == 0
    assert len(found["results"]) == 6
    assert {result["status"] for result in found["results"]} == {"optimal"}
    assert {round(result["primal_bound"]) for result in found["results"]} == {17487}
