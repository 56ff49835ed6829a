"""A solver that lies in each possible way, as a user sees it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("without_mlflow")

Bench = Callable[..., Any]

LIES = {
    "better": ("{value: -9}", "objective"),
    "worse": ("{value: -7}", "dual_bound"),
    "early": ("{value: -9, behind: 3, status: timelimit}", "objective"),
    "beyond": ("{value: -6, behind: 1, status: timelimit}", "dual_bound"),
    "crossed": ("{value: -8, behind: -4, status: timelimit}", "dual_bound"),
    "infeasible": ("{status: infeasible}", "dual_bound"),
    "unbounded": ("{status: unbounded}", "objective"),
    "either": ("{status: inforunbd}", "objective"),
    "open": ("{value: -8, behind: 5}", "gap_not_closed"),
    "nan": ("{value: -8, behaviour: nan}", "invalid_numbers"),
    "cheat": ("{value: -8, solution: a=1 b=1 c=1}", "infeasible_solution"),
    "half": ("{value: -8, solution: a=0.5 b=1 c=1}", "infeasible_solution"),
    "claim": ("{value: -8, solution: a=1}", "objective"),
}
"""Name -> how the fake solver lies of an instance whose optimal value is -8, and what it is."""


@pytest.mark.slow
def test_each_lie_is_caught_and_in_no_aggregate(bench: Bench, knapsack: Path) -> None:
    """Beside an honest setting, which counts alone; on an infeasible instance none is honest."""
    (knapsack.parent / "empty.lp").write_text("min\n x\nst\n a: x >= 2\n b: x <= 1\nend\n")
    (knapsack.parent / "known.solu").write_text("=opt= knapsack -8\n=inf= empty\n")
    lies = "".join(f"  {name}: {params}\n" for name, (params, _) in LIES.items())
    sweep = knapsack.parent / "lies.yaml"
    sweep.write_text(
        "instances: [knapsack.mps, empty.lp]\nsolver: fake\nsettings:\n"
        f"  honest: {{value: -8, solution: a=1 c=1}}\n{lies}"
    )
    done = bench("sweep", sweep, "--json", "--fail-on", "wrong", code=3)
    kinds = {(one["instance"], one["setting"]): one["verdict_kind"] for one in done.json["results"]}
    assert kinds["knapsack", "honest"] is None
    assert kinds["empty", "early"] == "solution_on_infeasible_instance"
    assert {name: kinds["knapsack", name] for name in LIES} == {
        name: kind for name, (_, kind) in LIES.items()
    }
    for setting in done.json["settings"]:
        aggregates, honest = setting["aggregates"], setting["name"] == "honest"
        assert (aggregates["solved"], aggregates["wrong"]) == ((1, 1) if honest else (0, 2))
        assert ("time_sgm1_s" in aggregates) == honest
        assert ("time_total_s" in aggregates) == honest
    assert bench("check", "lies", "--dry-run", "--json").json["changed"] == []


@pytest.fixture
def torn(bench: Bench, knapsack: Path) -> Any:
    """Return what is printed of a sweep whose two settings contradict each other."""
    known = ("--name", "torn", "-p", "value=-8,-9", "--json")
    return bench("sweep", knapsack, "--solver", "fake", *known)


@pytest.mark.slow
@pytest.mark.recorded
def test_without_a_reference_two_that_contradict_each_other_are_wrong(
    bench: Bench, knapsack: Path, torn: Any
) -> None:
    """In the results, their aggregates, the journal's state, and MLflow."""
    assert {one["verdict_kind"] for one in torn.json["results"]} == {"inconsistent"}
    assert "results contradict each other on: knapsack" in torn.err
    assert [one["aggregates"]["wrong"] for one in torn.json["settings"]] == [1, 1]
    state = bench("status", "torn", "--json").json
    assert [row["wrong"] for row in state["settings"]] == [1, 1]
    with closing(sqlite3.connect(knapsack.parent / "mlflow.db")) as database:
        rows = database.execute("""
            select r.status, t.value from runs r join tags t on t.run_uuid = r.run_uuid
            where t.key = 'bench.verdict'
        """).fetchall()
        assert rows == [("FAILED", "wrong")] * 2
        sums = "select sum(value) from latest_metrics where key = ?"
        assert database.execute(sums, ("solved",)).fetchone() == (0,)
        assert database.execute(sums, ("time_sgm1_s",)).fetchone() == (None,)
